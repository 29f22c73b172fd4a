"""What one cell of a table says: a number, a truth value, a date, a missing value or a text."""

from __future__ import annotations

import re

from nnviz.tables.numerals import is_numeral

# Words for a missing value, in any column, and those that are one only among numbers: elsewhere they may be a class.
MISSING = frozenset(("", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "+nan", "null", "?", "-", "−", "–", "—"))
MISSING_NUMBER = MISSING | frozenset(
    ("none", "nil", "missing", "unknown", "--", "---", ".", "..", "…", "\\n", "*", "/")
)
# Pairs of words for true and false; those of one letter count only where both occur.
TRUTHS: tuple[tuple[str, str], ...] = (
    *(("true", "false"), ("yes", "no"), ("on", "off"), ("wahr", "falsch"), ("vrai", "faux"), ("ja", "nein")),
    *(("oui", "non"), ("t", "f"), ("y", "n")),
)
TRUTH_WORDS = frozenset(word for pair in TRUTHS for word in pair)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:\s*[ap]\.?m\.?)?(?:\s*(?:z|utc|[-+][0-9]{2}:?[0-9]{2}))?"
_DAY = (
    r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2(?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}"
    rf"|[0-9]{{1,2}}[-. ]\s*{_MONTH}[-, ]?\s*(?:[0-9]{{2,4}})?|{_MONTH}[- ]\s*[0-9]{{1,4}}(?:,?\s*[0-9]{{4}})?"
)
_DATE = re.compile(rf"(?:{_DAY})(?:[ t,]+{_TIME})?|{_TIME}", re.IGNORECASE)
_LONGEST_DATE = 40
_MOST_SPELLINGS = 20  # of two words in capitals and small letters


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no number."""
    return cell.lower() in MISSING_NUMBER


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with either decimal sign."""
    return is_numeral(cell)


def is_date(cell: str) -> bool:
    """Return whether a cell is a date or a time of day."""
    return len(cell) <= _LONGEST_DATE and _DATE.fullmatch(cell) is not None


def truth_pair(cells: set[str]) -> tuple[str, str] | None:
    """Return the words for true and false of which a column's cells consist, in lower case; None for other cells."""
    if len(cells) > _MOST_SPELLINGS:
        return None
    words = {cell.lower() for cell in cells}
    for pair in TRUTHS:
        if words and words <= set(pair) and (len(words) == 2 or len(pair[0]) > 1):
            return pair
    return None


def shown(cell: str) -> str:
    """Return a cell as a message quotes it: its beginning, on one line."""
    line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cell[:30])
    return f"“{line}…”" if len(cell) > 30 else f"“{line}”"
