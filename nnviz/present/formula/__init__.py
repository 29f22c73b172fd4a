"""The formula of each step: in symbols, with its numbers, and for a whole vector or matrix."""
