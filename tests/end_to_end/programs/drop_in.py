import http.server
import sys
import threading

import handler
import shape

from hotswap import run_with_reloader


def serve():
    print(f"main {threading.current_thread() is threading.main_thread()}\n", end="", flush=True)
    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), handler.Handler)
    server.serve_forever()


if __name__ == "__main__":
    run_with_reloader(serve)
