"""The Build panel: presets of data, layers, loss and weights."""
