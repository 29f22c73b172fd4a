"""Models of other programs as lessons: recognized by the names of their classes or files, never imported by nnviz."""
