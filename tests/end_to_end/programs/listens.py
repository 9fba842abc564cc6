import http.server
import sys

import handler
import shape

import hotswap


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, listening):
        super().__init__(listening.getsockname(), handler.Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening


server = Server(hotswap.listen("127.0.0.1", int(sys.argv[1])))
print(f"port {server.socket.getsockname()[1]}\n", end="", flush=True)
server.serve_forever()
