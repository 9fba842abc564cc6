import asyncio
import sys

import greeter_pb2
import greeter_pb2_grpc
import grpc

GREETING = "Hello"


class Greeter(greeter_pb2_grpc.GreeterServicer):
    async def SayHello(self, request, context):
        return greeter_pb2.HelloReply(message=f"{GREETING}, {request.name}!")


async def main() -> None:
    server = grpc.aio.server()
    greeter_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}")
    await server.start()
    print("listening on port", port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
