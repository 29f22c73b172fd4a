"""Conditions: expressions over the values of a pass, breakpoints, watches, and running until one stops."""
