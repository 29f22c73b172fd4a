"""The trace: a pass as a sequence of steps, looked up in its record without new computation."""
