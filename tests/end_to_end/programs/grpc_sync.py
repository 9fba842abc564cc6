import os
import sys
import time
from concurrent import futures

import grpc
import shape


def say(request, context):
    return b"%d" % os.getpid()


def tail(request, context):
    for _ in range(10):
        time.sleep(0.05)
        yield b"%d" % os.getpid()


def handlers():
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return grpc.method_handlers_generic_handler(
        "test.Echo", {"Say": unary(say), "Tail": stream(tail)}
    )


def serve():
    options = [("grpc.so_reuseport", 0)] if "alone" in sys.argv else []
    server = grpc.server(futures.ThreadPoolExecutor(8), options=options)
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port(sys.argv[1])
    print(f"port {port}\n", end="", flush=True)
    server.start()
    print(" ".join(["shape", *shape.Shape.__slots__]) + "\n", end="", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    serve()
