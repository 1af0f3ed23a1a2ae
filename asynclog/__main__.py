"""`python -m asynclog` is the command `asynclog`."""

from .cli import main

if __name__ == "__main__":
    main()
