"""The formulas of nnviz in other languages: TeX is read into a tree, from which Typst and MathML are written."""
