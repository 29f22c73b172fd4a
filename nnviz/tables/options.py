"""How the data of a table may be scaled, and what becomes of rows with missing values."""

SCALES = ("none", "standard", "minmax")
MISSING_WAYS = ("leave_out", "mean")
