"""Comparing arrays of a person with a pass: reading them, judging them, and explaining the first wrong one."""
