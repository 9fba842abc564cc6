import os
import sys

import shape
from werkzeug.serving import make_server


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % os.getpid()]


make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
