class Shape:
    __slots__ = ("a",)


KEPT = [Shape()]
__hotswap__ = "restart"


def name():
    return "one"
