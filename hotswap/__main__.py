"""`python -m hotswap` is the command `hotswap`."""

import sys

from hotswap.cli import main

if __name__ == "__main__":
    sys.exit(main())
