"""What grpc_tools makes of greeter.proto, without its check for one version of grpcio."""

import grpc
from google.protobuf.wrappers_pb2 import StringValue


class GreeterStub:
    def __init__(self, channel):
        self.Greet = channel.unary_unary(
            "/demo.Greeter/Greet",
            request_serializer=StringValue.SerializeToString,
            response_deserializer=StringValue.FromString,
        )
        self.Tick = channel.unary_stream(
            "/demo.Greeter/Tick",
            request_serializer=StringValue.SerializeToString,
            response_deserializer=StringValue.FromString,
        )


class GreeterServicer:
    def Greet(self, request, context):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not implemented!")

    def Tick(self, request, context):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not implemented!")


def add_GreeterServicer_to_server(servicer, server):
    handlers = {
        "Greet": grpc.unary_unary_rpc_method_handler(
            servicer.Greet,
            request_deserializer=StringValue.FromString,
            response_serializer=StringValue.SerializeToString,
        ),
        "Tick": grpc.unary_stream_rpc_method_handler(
            servicer.Tick,
            request_deserializer=StringValue.FromString,
            response_serializer=StringValue.SerializeToString,
        ),
    }
    generic = grpc.method_handlers_generic_handler("demo.Greeter", handlers)
    server.add_generic_rpc_handlers((generic,))
    server.add_registered_method_handlers("demo.Greeter", handlers)
