TAX = 0.20

NET = {"apple": 1.00, "bread": 2.50}
