"""What the finder found, in words."""
