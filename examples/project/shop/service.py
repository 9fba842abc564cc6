import till_pb2
import till_pb2_grpc

from shop import basket


class Till(till_pb2_grpc.TillServicer):
    def Add(self, request, context):
        basket.ITEMS.append(request.name)
        return self.Total(request, context)

    def Total(self, request, context):
        return till_pb2.Bill(text=f"{len(basket.ITEMS)} items, {basket.total():.2f}")
