"""Checks of a lesson's data: given in one way, rows that fit the network, and targets that fit the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from nnviz.engine.losses import LOSSES, allowed_targets
from nnviz.lessons.draft import Draft, Example, data_key, indexed_rows, is_sequence, size_path
from nnviz.lessons.faults import FieldPath, Issue, count_of
from nnviz.lessons.schema import EXAMPLE_LIMIT

VALUE_LIMIT = 50_000_000


def _check_data_choice(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    ways = ", or ".join(("inputs and targets", "file", "generator"))
    given = [name for name in ("inputs", "file", "generator") if getattr(data, name) is not None]
    needs: tuple[FieldPath, ...] = tuple(
        ("data", name) for name in ("inputs", "targets", "file", "generator", "centers", "per_class")
    )
    if len(given) > 1:
        yield Issue(("data", given[1]), f"cannot be combined with {given[0]}; give {ways}", needs)
    if not given:
        missing = "inputs" if data.targets is not None else "generator" if data.centers is not None else ""
        yield Issue(("data", missing) if missing else ("data",), f"missing; give {ways}", needs)
    if data.inputs is not None and data.targets is None and LOSSES[draft.document.network.loss].has_targets:
        needs = (*needs, ("network", "loss"))
        yield Issue(("data", "targets"), "missing; give one row for each row of inputs", needs)
    if data.targets is not None and given and data.inputs is None:
        yield Issue(("data", "targets"), f"cannot be combined with {given[0]}, which has its own targets", needs)


# The sources of examples, with the keys that each uses, and how a message names those that use a key.
_FILE, _PRESET, _CLUSTERS = "a data file", "a generator", 'generator = "clusters"'
_USES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("columns", "target", "scale", "missing"), (_FILE,)),
    **dict.fromkeys(("centers", "per_class", "shared_generator"), (_CLUSTERS,)),
    **dict.fromkeys(("points", "noise"), (_PRESET,)),
    "held_out": (_FILE, _PRESET),
    "seed": (_FILE, _PRESET, _CLUSTERS),
}


def _check_uses(draft: Draft) -> Iterator[Issue]:
    """Keys that the source of the examples does not use."""
    data = draft.document.data
    source = _FILE if data.file is not None else _PRESET if data.preset is not None else None
    source = _CLUSTERS if source is None and data.generator is not None else source
    for name, users in _USES.items():
        if name in data.model_fields_set and source not in users and (source is not None or data.inputs is not None):
            words = _PRESET if source == _CLUSTERS and users == (_PRESET,) else " or ".join(users[:2])
            message = f"only used with {words}{' without centers' if source == _CLUSTERS else ''}"
            yield Issue(("data", name), message, (("data", "file"), ("data", "generator")))


def _check_clusters(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    if data.generator is None or data.preset is not None:
        return
    for name, wanted in (
        ("centers", "give one center, a list of numbers, for each class"),
        ("per_class", "say how many examples each class has"),
    ):
        if getattr(data, name) is None:
            yield Issue(("data", name), f"missing; {wanted}")
    yield from _check_seed(draft)
    yield from _check_centers(draft)


def _check_seed(draft: Draft) -> Iterator[Issue]:
    data, init = draft.document.data, draft.document.network.init
    if not data.shared_generator:
        return
    needs: tuple[FieldPath, ...] = (("network", "init"), ("network", "init", "seed"))
    if init is None:
        message = "needs [network.init], whose generator draws the data first"
        yield Issue(("data", "shared_generator"), message, needs)
    elif data.seed is not None and data.seed != init.seed:
        message = f"{data.seed} differs from the seed of [network.init], {init.seed}, whose generator is shared"
        yield Issue(("data", "seed"), message, needs)


def _check_centers(draft: Draft) -> Iterator[Issue]:
    data, inputs, outputs = draft.document.data, draft.sizes[0], draft.sizes[-1]
    for index, center in enumerate(data.centers or ()):
        if len(center) != inputs:
            message = f"{count_of(len(center), 'number')}, but the network has {count_of(inputs, 'input')}"
            yield Issue(("data", "centers", index), message, (size_path(-1),))
    if data.centers is not None and len(data.centers) != outputs:
        has = count_of(len(data.centers), "center")
        message = f"{has}, but the network has {count_of(outputs, 'output')}; each class needs one of each"
        yield Issue(("data", "centers"), message, (size_path(draft.depth - 1), ("network", "layers")))


# The pairs of keys that give examples as numbers.
_PAIRS = (("inputs", "targets"), ("held_out_inputs", "held_out_targets"))


def _check_rows(draft: Draft) -> Iterator[Issue]:
    for pair in _PAIRS:
        yield from _check_pair(draft, *pair)


def _check_pair(draft: Draft, inputs_key: str, targets_key: str) -> Iterator[Issue]:
    inputs, targets = (getattr(draft.document.data, name) for name in (inputs_key, targets_key))
    if inputs is None or targets is None:
        return
    if len(targets) != len(inputs):
        message = f"{count_of(len(targets), 'row')}, but {inputs_key} has {len(inputs)}; one for each is needed"
        yield Issue(("data", targets_key), message, (("data", inputs_key),))
    for field, noun, rows, size, path in (
        (inputs_key, "input", inputs, draft.sizes[0], size_path(-1)),
        (targets_key, "output", targets, draft.sizes[-1], size_path(draft.depth - 1)),
    ):
        for place, row in indexed_rows(rows):
            if len(row) != size and not (noun == "output" and len(place) == 2 and not row):
                message = f"{count_of(len(row), 'number')}, but the network has {count_of(size, noun)}"
                yield Issue(("data", field, *place), message, (path, ("network", "layers")))


def _check_held_out(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    for name, other in (_PAIRS[1], _PAIRS[1][::-1]):
        value = getattr(data, name)
        if value is None:
            continue
        if getattr(data, other) is None:
            yield Issue(("data", other), f"missing; give as many as {name}", (("data", name),))
        if data.inputs is None:
            yield Issue(("data", name), "only used with inputs and targets", (("data", "inputs"),))
        if not value:
            yield Issue(("data", name), "empty; leave it away", ())


def _check_time_steps(draft: Draft) -> Iterator[Issue]:
    """Require sequences of one length if a layer is recurrent, and single rows if none is."""
    data = draft.document.data
    flags = tuple(("network", "layers", index, "recurrent") for index in range(draft.depth))
    if draft.recurrent and (data.file is not None or data.generator is not None):
        source = "file" if data.file is not None else "generator"
        message = "gives single rows, but a layer is recurrent; give inputs and targets as lists of time steps"
        yield Issue(("data", source), message, flags)
    for field in (name for pair in _PAIRS for name in pair):
        examples = getattr(data, field)
        for index, example in enumerate(cast(list[Example], examples or [])):
            is_last = field == "targets" and data.targets_at == "last" and not is_sequence(example)
            problem = "" if is_last and draft.recurrent else _time_problem(draft, example)
            if problem:
                yield Issue(("data", field, index), problem, (*flags, ("data", "inputs")))
                break  # the others most likely have the same fault


def _check_missing_targets(draft: Draft) -> Iterator[Issue]:
    """Require a target of each example, at the last time step if the loss is taken there."""
    data, of_last = draft.document.data, draft.document.data.targets_at == "last"
    if of_last and not draft.recurrent:
        flags = tuple(("network", "layers", index, "recurrent") for index in range(draft.depth))
        yield Issue(("data", "targets_at"), "only used if a layer is recurrent; write recurrent = true for one", flags)
    if not LOSSES[draft.document.network.loss].has_targets:
        return
    needs: tuple[FieldPath, ...] = (("network", "loss"), ("data", "targets_at"))
    for index, example in enumerate(cast(list[Example], data.targets or [])):
        rows = example if is_sequence(example) else []
        if rows and not any(rows[-1:] if of_last else rows):
            message = "the last time step has no target" if of_last else "no time step has a target"
            yield Issue(("data", "targets", index), f"{message}; give one", needs)


def _time_problem(draft: Draft, example: Example) -> str:
    if not draft.recurrent:
        if not is_sequence(example):
            return ""
        return "a list of time steps, but no layer is recurrent; write recurrent = true for one, or give one row"
    if not is_sequence(example):
        return "a layer is recurrent: each example is a list of time steps, such as [[0], [1]]"
    if draft.time_steps is not None and len(example) != draft.time_steps:
        steps = count_of(len(example), "time step")
        return f"{steps}, but the first example of inputs has {draft.time_steps}; all must have the same number"
    return ""


def _check_example_count(draft: Draft) -> Iterator[Issue]:
    count, data = draft.examples, draft.document.data
    if count is None:
        return
    path = ("data", data_key(data))
    needs: tuple[FieldPath, ...] = (path, ("data", "centers"), ("data", "per_class"), ("data", "file"))
    values = count * (draft.sizes[0] + draft.sizes[-1]) * (draft.time_steps or 1)
    if count == 0:
        yield Issue(path, "empty; at least one example is needed")
    elif count > EXAMPLE_LIMIT:
        yield Issue(path, f"{count} examples; at most {EXAMPLE_LIMIT} are allowed", needs)
    elif values > VALUE_LIMIT:
        yield Issue(path, f"{values} numbers in all; at most {VALUE_LIMIT} are allowed", needs)
    if draft.document.data.example >= count > 0:
        message = f"{data.example} is not in the range 0 to {count - 1}; the lesson has {count_of(count, 'example')}"
        yield Issue(("data", "example"), message, needs)


def _check_targets(draft: Draft) -> Iterator[Issue]:
    loss = draft.document.network.loss
    allowed = allowed_targets(loss)
    if not allowed:
        return
    low, high, wanted = LOSSES[loss].low, LOSSES[loss].high, f"{loss} needs targets {allowed}"
    data = draft.document.data
    needs = (("network", "loss"),)
    for _, name in _PAIRS:
        for place, row in indexed_rows(getattr(data, name) or []):
            wrong = next((target for target in row if not low <= target <= high), None)
            if wrong is not None:
                yield Issue(("data", name, *place), f"{wrong} is out of range; {wanted}", needs)


DATA_CHECKS: Sequence[Callable[[Draft], Iterator[Issue]]] = (
    _check_data_choice,
    _check_clusters,
    _check_uses,
    _check_rows,
    _check_held_out,
    _check_time_steps,
    _check_missing_targets,
    _check_example_count,
    _check_targets,
)
