from shop.prices import NET, TAX

GROSS = {name: price * (1 + TAX) for name, price in NET.items()}
