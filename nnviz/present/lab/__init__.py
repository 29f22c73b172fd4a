"""What building a network shows, as plain data: drawings of presets, and its choices in words."""
