"""Calls ten times a second; prints a reply when it is another than the one before."""

import sys
import time

import greeter_pb2
import greeter_pb2_grpc
import grpc

last = ""
with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}") as channel:
    stub = greeter_pb2_grpc.GreeterStub(channel)
    while True:
        reply = stub.SayHello(greeter_pb2.HelloRequest(name="you"), wait_for_ready=True).message
        if reply != last:
            print(reply, flush=True)
        last = reply
        time.sleep(0.1)
