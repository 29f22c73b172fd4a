"""The variables of a script: whether the notation gives each a name of its own that Python can use."""

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
# What a script uses besides the document's names and functions.
_OWN = {"np", "sys", "math", "show", ROW, "float", "hasattr", "max", "print", "repr", "str", "zip"}
_OWN_IN_TIME = {"k", "range", "reversed", "sum"}
_GIVEN = (Kind.INPUT, Kind.TARGET, Kind.RATE)
# What the document may have no variable for.
_OPTIONAL = {Kind.DE_DA, Kind.SLOPE, Kind.DZ_DW, Kind.DZ_DB, Kind.DZ_DA}


def memory_name(voice: Voice, slot: int, parameter: str) -> str:
    """The variable of an optimizer's memory of a parameter, as the listing writes it."""
    optimizer, depth = voice.record.rule.optimizer, voice.record.architecture.depth
    return f"{memory_code(voice.notation, optimizer, slot, depth)}_{parameter}"


def check_names(session: Session, voice: Voice, functions: set[str], code: Iterable[str]) -> None:
    """Raises ValueError, in one line, where a name is missing, reserved, or stands for two things.

    `code` is the listing: what it assigns besides the quantities of the trace needs a name of its own as well.
    """
    own = _OWN | _OWN_IN_TIME if voice.record.architecture.is_recurrent else _OWN
    taken = {normalize("NFKC", name) for name in own | functions}
    for name, what in (*_variables(session, voice), *_steps_between(session, voice, code)):
        plain = normalize("NFKC", name)
        problem = ""
        if not name:
            problem = f"has no variable for {what}"
        elif keyword.iskeyword(plain):
            problem = f"calls {what} {name!r}, which is a word of Python's own"
        elif plain in taken:
            problem = f"calls {what} {name!r}, as it calls something else, or the script does"
        if problem:
            raise ValueError(f"no script can be written: the notation {voice.notation.name} {problem}")
        taken.add(plain)


def _steps_between(session: Session, voice: Voice, code: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the listing gives names to on its way to a quantity; every line assigns a variable of its own."""
    known = Counter(name for name, _ in _variables(session, voice))
    known.subtract(voice.code(Quantity(kind)) for kind in _GIVEN)  # no line may change what is given
    statements = (line.strip() for line in code if line and not line.startswith("for "))
    for name in (statement.partition(" = ")[0].removesuffix("[k]") for statement in statements):
        known[name] -= 1
        if known[name] < 0:
            yield name, f"what the line {name} = … finds"


def _variables(session: Session, voice: Voice) -> Iterator[tuple[str, str]]:
    """Every variable with what it stands for; the new value of a parameter takes the name of the old one."""
    for kind in _GIVEN:
        yield voice.code(Quantity(kind)), str(kind)
    for layer, names in enumerate(voice.record.architecture.slots):
        for kind in (PARAMETER_KINDS[name].value for name in names):
            name = voice.code(Quantity(kind, layer))
            yield name, f"{kind} of layer {layer + 1}"
            for slot in range(len(voice.record.memory)):
                yield memory_name(voice, slot, name), f"a memory of {kind} of layer {layer + 1}"
    news = {kinds.new for kinds in PARAMETER_KINDS.values()}
    is_one = voice.record.architecture.sizes[-1] == 1 and not voice.record.architecture.is_recurrent
    for kind, place in dict.fromkeys((group.kind, group.layer) for group in session.trace.groups):
        if kind in news or (kind is Kind.ERROR and is_one):
            continue  # told with the old name, or with the loss
        name = voice.code(Quantity(kind, place))
        if name or kind not in _OPTIONAL:
            yield name, f"{kind}" if place is None else f"{kind} of layer {place + 1}"
