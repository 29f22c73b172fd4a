"""How rules are presented: one row for each activation, loss, optimizer and choice of a convention.

A row has all that the presentation says of a rule: its formulas with symbols and numbers, its NumPy, its words.
Formula, listing, exported script, captions, choices, the finder's answers and the names of runs read it. With the row
of the engine's table and the audit's own arithmetic it is all that a new rule needs; a row that is missing or that
lacks a part is found when this package is imported.
"""

from nnviz.present.rules.complete import check_rows

check_rows()
