import sys
from concurrent import futures

import grpc
import numbers_pb2
import numbers_pb2_grpc


def answer(value):
    return numbers_pb2.Number(value=value)


class Numbers(numbers_pb2_grpc.NumbersServicer):
    def Double(self, request, context):
        return answer(request.value * 2)

    def CountTo(self, request, context):
        for value in range(1, request.value + 1):
            yield answer(value)

    def Sum(self, request_iterator, context):
        return answer(sum(request.value for request in request_iterator))

    def RunningSum(self, request_iterator, context):
        total = 0
        for request in request_iterator:
            total += request.value
            yield answer(total)


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor())
    numbers_pb2_grpc.add_NumbersServicer_to_server(Numbers(), server)
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}")
    server.start()
    print("listening on port", port, flush=True)
    server.wait_for_termination()
