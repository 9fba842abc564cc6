import asyncio
import os
import sys

import grpc
import shape


async def say(request, context):
    return b"%d" % os.getpid()


async def tail(request, context):
    for _ in range(10):
        await asyncio.sleep(0.05)
        yield b"%d" % os.getpid()


def handlers():
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return grpc.method_handlers_generic_handler(
        "test.Echo", {"Say": unary(say), "Tail": stream(tail)}
    )


async def serve():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port(sys.argv[1])
    print(f"port {port}\n", end="", flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve())
