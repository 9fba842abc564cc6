"""Calls all four kinds of RPC; the stream of RunningSum stays open from beginning to end."""

import queue
import sys
import time

import grpc
import numbers_pb2
import numbers_pb2_grpc


def number(value):
    return numbers_pb2.Number(value=value)


last = ""
sent = queue.Queue()
with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}") as channel:
    stub = numbers_pb2_grpc.NumbersStub(channel)
    running = stub.RunningSum(iter(sent.get, None), wait_for_ready=True)
    while True:
        double = stub.Double(number(4)).value
        count = [reply.value for reply in stub.CountTo(number(3))]
        total = stub.Sum(map(number, (1, 2, 3))).value
        sent.put(number(0 if last else 5))
        line = f"double {double}  count {count}  sum {total}  open stream {next(running).value}"
        if line != last:
            print(line, flush=True)
        last = line
        time.sleep(0.1)
