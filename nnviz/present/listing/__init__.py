"""The NumPy listing: the pass as code in the document's names."""
