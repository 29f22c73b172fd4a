"""Presets of data: well-known examples by name, drawn from a seed or stored with their licence."""
