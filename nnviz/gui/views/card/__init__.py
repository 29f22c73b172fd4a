"""The step card and its other side, Why, with typeset formulas."""
