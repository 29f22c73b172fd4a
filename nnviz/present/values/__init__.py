"""The values table: every quantity of a pass with its shape and figures, watches, and what a change did to them."""
