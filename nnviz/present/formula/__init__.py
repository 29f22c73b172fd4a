"""The formula of each step: in symbols, with its numbers, and as a whole vector or matrix."""
