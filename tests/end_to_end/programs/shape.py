class Shape:
    __slots__ = ("a",)


KEPT = [Shape()]


def name():
    return "one"
