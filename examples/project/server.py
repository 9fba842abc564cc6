import sys
from concurrent import futures

import grpc
import till_pb2_grpc
from shop.service import Till

if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor())
    till_pb2_grpc.add_TillServicer_to_server(Till(), server)
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 50051}")
    server.start()
    print("listening on port", port, flush=True)
    server.wait_for_termination()
