"""A desktop debugger for small neural networks."""
