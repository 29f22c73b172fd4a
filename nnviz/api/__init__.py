"""nnviz from Python: passes as values, without a window."""
