import itertools
import time

import greeter_pb2_grpc
from google.protobuf.wrappers_pb2 import StringValue
from wording import GREETING

OPENING = f"{GREETING}, "


class Greeter(greeter_pb2_grpc.GreeterServicer):
    def __init__(self):
        self.calls = itertools.count(1)

    def Greet(self, request, context):
        text = OPENING + request.value
        return StringValue(value=f"{text} (call {next(self.calls)})")

    def Tick(self, request, context):
        while context.is_active():
            yield StringValue(value="tick")
            time.sleep(0.25)
