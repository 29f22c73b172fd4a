"""The presentation of the rules: one row for each activation, loss, optimizer and choice of a convention.

A row has everything that is shown of a rule: formulas with symbols and numbers, NumPy code, and sentences.
Formulas, listing, exported script, captions, conventions panel, finder and run names read it. A new rule needs such a
row, a row of the engine's table, and the audit's own arithmetic. The import of this package fails if a row is missing
or incomplete.
"""

from nnviz.present.rules.complete import check_rows

check_rows()
