"""Numbers and tables as people write them, read exactly or refused with the reason; NumPy and the standard library."""
