"""Training seen: the strip, the loss plot with its runs, and the decision boundary."""
