"""The variables of a script: the check that a notation gives each of them a usable name of its own."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import Voice
from nnviz.present.rules.rule_names import memory_code
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity

ROW = "row"
# The names in a script besides the document's variables and functions.
_OWN = {"np", "sys", "math", "show", ROW, "float", "hasattr", "max", "print", "repr", "str", "zip"}
_OWN_IN_TIME = {"k", "range", "reversed", "sum"}
_GIVEN = (Kind.INPUT, Kind.TARGET, Kind.RATE)
# The quantities for which the document may have no variable.
_OPTIONAL = {Kind.DE_DA, Kind.SLOPE, Kind.DZ_DW, Kind.DZ_DB, Kind.DZ_DA}


def memory_name(voice: Voice, slot: int, parameter: str) -> str:
    """Return the variable of an optimizer's memory of a parameter, as the listing writes it."""
    optimizer, depth = voice.record.rule.optimizer, voice.record.architecture.depth
    return f"{memory_code(voice.notation, optimizer, slot, depth)}_{parameter}"


def check_names(session: Session, voice: Voice, functions: set[str], code: Iterable[str]) -> None:
    """Raise ValueError, one line, if a name is missing, reserved, or used for two things.

    `code` is the listing: the variables that it assigns besides the quantities of the trace also need their own names.
    """
    own = _OWN | _OWN_IN_TIME if voice.record.architecture.is_recurrent else _OWN
    taken = {normalize("NFKC", name) for name in own | functions}
    for name, what in (*_variables(session, voice), *_steps_between(session, voice, code)):
        plain = normalize("NFKC", name)
        problem = ""
        if not name:
            problem = f"has no variable for {what}"
        elif keyword.iskeyword(plain):
            problem = f"calls {what} {name!r}, which is a keyword of Python"
        elif plain in taken:
            problem = f"calls {what} {name!r}, which is already the name of something else"
        if problem:
            raise ValueError(f"no script can be written: the notation {voice.notation.name} {problem}")
        taken.add(plain)


def _steps_between(session: Session, voice: Voice, code: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the intermediate variables of the listing with a description; every line must assign its own variable."""
    known = Counter(name for name, _ in _variables(session, voice))
    known.subtract(voice.code(Quantity(kind)) for kind in _GIVEN)  # no line may change a given value
    statements = (line.strip() for line in code if line and not line.startswith("for "))
    for name in (statement.partition(" = ")[0].removesuffix("[k]") for statement in statements):
        known[name] -= 1
        if known[name] < 0:
            yield name, f"the result of the line {name} = …"


def _variables(session: Session, voice: Voice) -> Iterator[tuple[str, str]]:
    """Yield every variable with its meaning; the new value of a parameter has the variable of the old one."""
    for kind in _GIVEN:
        yield voice.code(Quantity(kind)), str(kind)
    for layer, names in enumerate(voice.record.architecture.slots):
        for kind in (PARAMETER_KINDS[name].value for name in names):
            name = voice.code(Quantity(kind, layer))
            yield name, f"{kind} of layer {layer + 1}"
            for slot in range(len(voice.record.memory)):
                yield memory_name(voice, slot, name), f"a memory of {kind} of layer {layer + 1}"
        if voice.record.architecture.connections[layer] is not None:
            yield voice.mask_code(layer), f"the mask of layer {layer + 1}"
    news = {kinds.new for kinds in PARAMETER_KINDS.values()}
    is_one = voice.record.architecture.sizes[-1] == 1 and not voice.record.architecture.is_recurrent
    for kind, place in dict.fromkeys((group.kind, group.layer) for group in session.trace.groups):
        if kind in news or (kind is Kind.ERROR and is_one):
            continue  # has the name of the old value, or of the loss
        name = voice.code(Quantity(kind, place))
        if name or kind not in _OPTIONAL:
            yield name, f"{kind}" if place is None else f"{kind} of layer {place + 1}"
