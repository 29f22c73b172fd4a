"""The engine: the one place where a network computes and learns, in NumPy alone."""
