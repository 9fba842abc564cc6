"""Buys three things, then asks for the total ten times a second; prints it when it changes."""

import sys
import time

import grpc
import till_pb2
import till_pb2_grpc

last = ""
with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}") as channel:
    stub = till_pb2_grpc.TillStub(channel)
    for name in ("apple", "apple", "bread"):
        stub.Add(till_pb2.Item(name=name), wait_for_ready=True)
    while True:
        total = stub.Total(till_pb2.Nothing()).text
        if total != last:
            print(total, flush=True)
        last = total
        time.sleep(0.1)
