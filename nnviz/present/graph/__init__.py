"""The computation graph as data: layout, boxes, arrows, details and rings."""
