import http.server
import sys

import handler
import shape

server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), handler.Handler)
server.serve_forever()
