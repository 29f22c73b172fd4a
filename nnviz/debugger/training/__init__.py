"""Live training as values: a frozen state, events, pure transitions, and the effects that a window carries out."""
