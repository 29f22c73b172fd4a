"""Training runs as data to draw: curves, axes, names, metrics, the decision boundary."""
