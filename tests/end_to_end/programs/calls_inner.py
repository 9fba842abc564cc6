from hotswap import run_with_reloader


def main():
    import inner


run_with_reloader(main)
