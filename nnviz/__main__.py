"""`python -m nnviz`: the same as the command `nnviz`."""

import sys

from nnviz.cli import main

# Guarded: a process that the window spawns imports this file again.
if __name__ == "__main__":
    sys.exit(main())
