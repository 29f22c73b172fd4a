"""The commands of `nnviz debug`: a table, functions on a shell that holds the session, and the words they answer in."""
