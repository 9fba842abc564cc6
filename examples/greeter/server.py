import sys
from concurrent import futures

import greeter_pb2
import greeter_pb2_grpc
import grpc


class Greeter(greeter_pb2_grpc.GreeterServicer):
    def SayHello(self, request, context):
        return greeter_pb2.HelloReply(message=f"Hello, {request.name}!")


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor())
    greeter_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    print("port", server.add_insecure_port(f"127.0.0.1:{(*sys.argv, 50051)[1]}"), flush=True)
    server.start()
    server.wait_for_termination()
