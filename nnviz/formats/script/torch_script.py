"""A pass as a PyTorch script: it holds the weights, and prints what autograd makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import is_frozen
from nnviz.engine.record import PassRecord
from nnviz.formats.script.array_source import assignment
from nnviz.formats.script.torch_rules import activation_source, loss_source, optimizer_source

# Conventions that autograd does not follow: each with what must hold.
_NEEDED = {"slope": "exact", "update": "simultaneous", "through_time": "full"}
_SHOW = (
    "",
    "",
    "def show(name, values):",
    '    """Print an array under its name."""',
    '    print(name, "=", values.detach().tolist())',
    "",
)


def write(session: Session, stream: TextIO) -> None:
    """Write the script of a session's pass. Raises ValueError as `torch_script` does."""
    stream.write(torch_script(session))


def torch_script(session: Session) -> str:
    """Return the source of a script that needs PyTorch alone, and prints z, a, delta, loss, gradients and new weights.

    The names, and the orientation (inputs, units), are those of the arrays of `trace --format json`; z, a and delta are
    the stepped example's, of a recurrent network over time. Raises ValueError, one line, if PyTorch cannot do it.
    """
    record = session.record
    _check(record)
    lines = (
        '"""One pass of a network, computed by PyTorch: forward, backward by autograd, and one update."""',
        "",
        "import torch",
        "from torch.nn import functional as F  # noqa: F401",
        "",
        "torch.set_default_dtype(torch.float64)",
        *_given(record),
        *_SHOW,
        *_forward(record),
        *_backward(record),
        *_shown(record),
    )
    return "\n".join((*lines, ""))


def _check(record: PassRecord) -> None:
    for name, needed in _NEEDED.items():
        value = getattr(record.convention, name)
        if value != needed:
            raise ValueError(f"this pass has {name} = {value}, but PyTorch computes with {needed}; use format script")
    for is_there, obstacle in (
        (record.memory.any(), "the optimizer has a memory of earlier updates, which PyTorch has not"),
        (record.rule.adjusts, "the gradients are clipped or regularized, which this script does not do"),
        (record.architecture.missing is not None, "connections are missing, which PyTorch would train"),
        (record.without_target is not None, "a time step has no target, which PyTorch's loss needs"),
    ):
        if is_there:
            raise ValueError(f"{obstacle}; use format script")


def _names(record: PassRecord) -> Iterator[tuple[str, str, int]]:
    """Yield each parameter: its name in the script, its name, and its layer."""
    for layer, names in enumerate(record.architecture.slots):
        yield from ((f"{name}{layer + 1}", name, layer) for name in names)


def _tensor(name: str, array: FloatArray) -> list[str]:
    """Return the lines that assign a tensor."""
    return [line.replace("np.array(", "torch.tensor(").replace("np.zeros(", "torch.zeros(") for line in
            assignment(name, array)]  # fmt: skip


def _given(record: PassRecord) -> Iterator[str]:
    timed = record.architecture.is_recurrent
    times = slice(None) if timed else 0
    yield from ("", f"# The batch: a row for each example{', for each time step' if timed else ''}")
    yield from _tensor("x", record.x[times])
    yield from _tensor("t", record.t[times])
    yield f"row = {record.row}  # the example whose numbers are printed"
    yield from ("", "# Weights (inputs, units) and biases")
    for called, name, layer in _names(record):
        yield from _tensor(called, record.parameters.part(name, layer))
    everything = ", ".join(called for called, _, _ in _names(record))
    yield f"for parameter in ({everything},):"
    yield "    parameter.requires_grad_()"


def _forward(record: PassRecord) -> Iterator[str]:
    architecture = record.architecture
    depth, timed = architecture.depth, architecture.is_recurrent
    indent = "    " if timed else ""
    yield "# Forward"
    if timed:
        for layer, each in enumerate(architecture.layers):
            if each.recurrent:
                yield f"a{layer + 1} = torch.zeros({len(record.examples)}, {each.units})"
        yield from ("loss, zs, activations = 0.0, [], []", f"for k in range({len(record.x)}):")
    for layer, slots in enumerate(architecture.slots):
        n = layer + 1
        entering = f"a{layer}" if layer else "x[k]" if timed else "x"
        terms = [f"{entering} @ W{n}"]
        terms += [f"b{n}"] if "b" in slots else []
        terms += [f"a{n} @ W_h{n}"] if "W_h" in slots else []
        terms += [f"b_h{n}"] if "b_h" in slots else []
        yield f"{indent}z{n} = {' + '.join(terms)}"
        yield f"{indent}z{n}.retain_grad()"
        yield f"{indent}a{n} = {activation_source(architecture, layer, f'z{n}')}"
    loss = loss_source(architecture, f"a{depth}", f"z{depth}", "t[k]" if timed else "t")
    if timed:
        yield f"    loss = loss + {loss}"
        yield f"    zs.append([{', '.join(f'z{n}' for n in range(1, depth + 1))}])"
        yield f"    activations.append([{', '.join(f'a{n}' for n in range(1, depth + 1))}])"
    else:
        yield f"loss = {loss}"


def _backward(record: PassRecord) -> Iterator[str]:
    examples = len(record.examples)
    mean = examples if record.rule.reduce == "mean" else 1
    yield from ("", "# Backward, and the update")
    moving = [called for called, name, layer in _names(record) if not is_frozen(record.convention, name, layer)]
    yield f"{'loss' if mean == 1 else f'(loss / {mean})'}.backward()"
    if moving:
        uphill = record.convention.step == "uphill"
        parameters = f"[{', '.join(moving)}]"
        yield f"optimizer = {optimizer_source(record.rule, parameters, uphill=uphill)}"
        yield "optimizer.step()"


def _shown(record: PassRecord) -> Iterator[str]:
    architecture = record.architecture
    scale = f" * {len(record.examples)}" if record.rule.reduce == "mean" and len(record.examples) > 1 else ""
    timed = architecture.is_recurrent
    yield ""
    for layer in range(architecture.depth):
        n = layer + 1
        if timed:
            yield f'show("z{n}", torch.stack([step[{layer}][row] for step in zs]))'
            yield f'show("a{n}", torch.stack([step[{layer}][row] for step in activations]))'
            yield f'show("delta{n}", torch.stack([step[{layer}].grad[row] for step in zs]){scale})'
        else:
            yield f'show("z{n}", z{n}[row])'
            yield f'show("a{n}", a{n}[row])'
            yield f'show("delta{n}", z{n}.grad[row]{scale})'
    yield 'show("batch_loss", loss)'
    for called, _, _ in _names(record):
        yield f'show("d{called}", {called}.grad)'
        yield f'show("{called}_new", {called})'
