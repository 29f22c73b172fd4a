"""`python -m nnviz`: the same as the command `nnviz`, and the start of a folder that PyInstaller has built."""

import multiprocessing
import sys

from nnviz.cli import main

# Guarded: a process that the window spawns imports this file again.
if __name__ == "__main__":
    multiprocessing.freeze_support()  # in a built folder, the training process is this program once more
    sys.exit(main())
