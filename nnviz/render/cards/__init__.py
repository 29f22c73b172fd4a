"""The step card as a drawing: laid out for a width and a type scale, then painted; and its band under a stage."""
