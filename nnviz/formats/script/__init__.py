"""The exported script: a pass as NumPy in the document's names, which prints the same numbers."""
