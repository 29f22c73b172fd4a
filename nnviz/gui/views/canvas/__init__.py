"""The two canvases, network and computation graph, with their items and gestures."""
