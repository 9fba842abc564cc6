import argparse
from concurrent import futures
from functools import partial

import greeter_pb2
import greeter_pb2_grpc
import grpc

from hotswap import run_with_reloader  # where it said: from werkzeug.serving import ...


class Greeter(greeter_pb2_grpc.GreeterServicer):
    def SayHello(self, request, context):
        return greeter_pb2.HelloReply(message=f"Hello, {request.name}!")


def run_server(host, port, concurrent):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=concurrent))
    greeter_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    print("port", server.add_insecure_port(f"{host}:{port}"), flush=True)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", nargs="?", default="50051")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--concurrent", type=int, default=10)
    given = parser.parse_args()
    run_with_reloader(partial(run_server, given.host, given.port, given.concurrent))
