"""Training that meets NaN or infinity: all commands stop in the pass that plain arithmetic says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from pathlib import Path

import pytest

from nnviz.cli import main

LESSON = """format = 1
title = "a linear unit whose learning rate is too large"
[network]
inputs = 1
loss = "half_squared"
[[network.layers]]
units = 1
activation = "linear"
W = [[0.5]]
b = [0.25]
{recurrent}
[data]
inputs = {inputs}
targets = {targets}
[training]
learning_rate = {rate}
update_after = {after}
reduce = "{reduce}"
optimizer = "{optimizer}"
epochs = 3000
"""
X, T = [1.0, 2.0, 3.0, 10.0], [3.0, 5.0, 7.0, 21.0]
STOPPED = re.compile(r"update (\d+) \(epoch (\d+)\)")


@dataclass(frozen=True)
class Case:
    """A run: its rule and rate, the examples of an update, and whether the unit sees its own past."""

    optimizer: str = "sgd"
    rate: float = 0.1
    after: int | str = "batch"
    reduce: str = "mean"
    recurrent: bool = False

    @property
    def size(self) -> int:
        return {"example": 1, "batch": 4}.get(str(self.after)) or int(self.after)

    @property
    def sequences(self) -> tuple[list[list[float]], list[list[float]]]:
        """Inputs and targets by example and time step."""
        if self.recurrent:
            return [[x, x / 2] for x in X], [[t, t + 1] for t in T]
        return [[x] for x in X], [[t] for t in T]

    def write(self, folder: Path) -> str:
        inputs, targets = self.sequences
        shape = (lambda rows: [[[v] for v in row] for row in rows]) if self.recurrent else (lambda rows: rows)
        path = folder / "mine.toml"
        path.write_text(
            LESSON.format(
                recurrent="recurrent = true\nW_h = [[0.5]]\nb_h = [0.125]" if self.recurrent else "",
                inputs=shape(inputs),
                targets=shape(targets),
                rate=self.rate,
                after=self.after if isinstance(self.after, int) else f'"{self.after}"',
                reduce=self.reduce,
                optimizer=self.optimizer,
            )
        )
        return str(path)


def change(optimizer: str, rate: float, gradient: float, memory: list[float], count: int) -> float:
    """What each rule subtracts from a parameter, as PyTorch defines it with its defaults; `memory` is brought on."""
    if optimizer == "sgd":
        return rate * gradient
    if optimizer in ("momentum", "nesterov"):
        memory[0] = 0.9 * memory[0] + gradient
        return rate * (gradient + 0.9 * memory[0] if optimizer == "nesterov" else memory[0])
    if optimizer == "rmsprop":
        memory[0] = 0.99 * memory[0] + (1.0 - 0.99) * (gradient * gradient)
        return rate * (gradient / (sqrt(memory[0]) + 1e-8)) if isfinite(memory[0]) else nan
    memory[0] = 0.9 * memory[0] + (1.0 - 0.9) * gradient
    memory[1] = 0.999 * memory[1] + (1.0 - 0.999) * (gradient * gradient)
    root = sqrt(memory[1]) / sqrt(1.0 - 0.999**count) if memory[1] == memory[1] else nan
    return rate / (1.0 - 0.9**count) * (memory[0] / (root + 1e-8))


def first_broken(case: Case) -> tuple[int, int, int]:
    """The first update (from 1) with a number that is not finite, its epoch (from 1), and whose number it is.

    The example is the first of the update's with such a number, or -1 if only sums are not finite.
    """
    inputs, targets = case.sequences
    w, b, w_h, b_h = 0.5, 0.25, 0.5 if case.recurrent else 0.0, 0.125 if case.recurrent else 0.0
    memory = [[0.0, 0.0] for _ in range(4)]
    count = 0
    for epoch in range(1, 3001):
        for start in range(0, 4, case.size):
            batch = range(start, min(start + case.size, 4))
            count += 1
            gradients, total, seen = [0.0] * 4, 0.0, []
            for example in batch:
                states, own = [0.0], []
                for x, t in zip(inputs[example], targets[example], strict=True):
                    states.append(w * x + b + w_h * states[-1] + b_h)
                    own.append(0.5 * ((t - states[-1]) * (t - states[-1])))
                    total += own[-1]
                later = 0.0
                for step in reversed(range(len(own))):
                    later = (states[step + 1] - targets[example][step]) + w_h * later
                    for at, factor in enumerate((inputs[example][step], 1.0, states[step], 1.0)):
                        gradients[at] += later * factor
                    own.append(later)
                if not all(map(isfinite, (*states, *own))):
                    seen.append(example)
            if case.reduce == "mean":
                gradients = [gradient / len(batch) for gradient in gradients]
            held = [w, b, w_h, b_h]
            if case.optimizer == "adamw":
                held = [value * (1.0 - case.rate * 0.01) for value in held]
            moved = [
                value - change(case.optimizer, case.rate, gradient, each, count)
                for value, gradient, each in zip(held, gradients, memory, strict=True)
            ]
            w, b = moved[:2]
            w_h, b_h = moved[2:] if case.recurrent else (0.0, 0.0)
            used = 4 if case.recurrent else 2
            kept = [number for each in memory[:used] for number in each]
            if not all(map(isfinite, (total, *gradients[:used], *moved[:used], *kept))):
                return count, epoch, seen[0] if seen else -1
    raise AssertionError("the run stays finite")


CASES = [
    Case(),
    Case(reduce="sum", rate=0.05),
    Case(after="example", rate=0.5),
    Case(after=2, rate=0.3),
    Case(after=3, rate=0.2, reduce="sum"),
    Case(recurrent=True),
    Case(recurrent=True, after="example"),
    Case(recurrent=True, after=3, rate=0.3),
    Case("momentum", 0.3),
    Case("momentum", 0.2, "example"),
    Case("nesterov", 0.3),
    Case("nesterov", 0.2, 2, "sum", recurrent=True),
    *(
        Case(optimizer, rate, after)
        for optimizer in ("rmsprop", "adam", "adamw")
        for rate in (1e153, 1e154, 1e200)  # 1e153: the mean square overflows before the loss does
        for after in ("example", "batch", 3)
    ),
    Case("adam", 1e100, 2, recurrent=True),
    Case("rmsprop", 1e152, "batch", recurrent=True),
]


def stopped(text: str) -> tuple[int, int]:
    found = STOPPED.search(text)
    assert found is not None, text
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_stop_in_the_pass_of_plain_arithmetic(case: Case, script, tmp_path: Path, capsys):
    lesson = case.write(tmp_path)
    update, epoch, example = first_broken(case)
    assert main(["train", lesson]) == 1
    assert stopped(capsys.readouterr().err) == (update, epoch)
    pass_line = f"update {update - 1} · epoch {epoch - 1} · example "
    for command in ("train 3000", "continue"):
        talk = script(lesson, command, "print 1", options=("--strict",))
        assert talk.status == 1
        assert stopped(talk.lines[0]) == (update, epoch)
        assert talk.lines[0].startswith("Stopped: update ")
        assert (talk.lines[1] if update > 1 else pass_line).startswith(pass_line)
        assert script(lesson, command).status == 0, "only --strict makes it a failure"
        waited = script(lesson, "break nonfinite", command, "p update", "p example", options=("--strict",))
        assert waited.lines[1] == "Breakpoint 1: first NaN or infinity"
        assert f"  in update {update} (epoch {epoch})" in waited.lines
        assert waited.status == 1
        assert f"update = {update - 1:.6f}" in waited.lines
        if example >= 0:
            assert f"example = {example + 1:.6f}" in waited.lines


def of_three(folder: Path, after: str) -> str:
    """A lesson with E = 0.845e308 for each of three examples: their sum is beyond 1.8e308, and no other number is."""
    text = LESSON.format(
        recurrent="",
        inputs=[[1]] * 3,
        targets=[[0]] * 3,
        rate=1e-3,
        after=f'"{after}"',
        reduce="mean",
        optimizer="sgd",
    )
    path = folder / "three.toml"
    path.write_text(text.replace("W = [[0.5]]", "W = [[1.3e154]]"))
    return str(path)


def test_a_sum_of_finite_losses_that_is_infinite_stops(script, tmp_path: Path):
    lesson = of_three(tmp_path, "batch")
    talk = script(lesson, "break nonfinite", "train 5", "p mean_loss", "nonfinite", "back 2", "nonfinite")
    assert talk.lines[1] == "Breakpoint 1: first NaN or infinity"
    assert "mean_loss = ∞" in talk.lines
    assert talk.last.startswith("  Each number is finite, but the sum of the losses")
    assert talk.errors == []
    assert stopped(script(lesson, "train 5").lines[0]) == (1, 1)


def test_an_epoch_whose_mean_is_infinite_stops(script, tmp_path: Path, capsys):
    lesson = of_three(tmp_path, "example")
    assert main(["train", lesson]) == 1
    assert "update 3 (epoch 1): the mean loss of the epoch is not finite" in capsys.readouterr().err
    assert stopped(script(lesson, "train 5").lines[0]) == (3, 1)
    assert "  in update 3 (epoch 1)" in script(lesson, "break nonfinite", "train 5").lines


def test_it_stops_once_and_goes_on_when_asked(script, tmp_path: Path):
    lesson = Case().write(tmp_path)
    update, _, _ = first_broken(Case())
    talk = script(lesson, "train 2000", "train 4", "update 3", "train 2000", "reverse-continue")
    assert [line for line in talk.lines if line.startswith("Stopped")][:2] == [
        f"Stopped: update {update} (epoch {update}): the loss is not finite",
        f"Stopped: update {update} (epoch {update}): the loss is not finite",
    ]
    assert any(line.startswith(f"update {update + 3} ·") for line in talk.lines)


def test_a_breakpoint_before_it_stops_first_and_steps_are_not_stopped(script, tmp_path: Path):
    lesson = Case().write(tmp_path)
    update, _, _ = first_broken(Case())
    talk = script(
        lesson, f"break if update == {update - 2}", "train 2000", "delete 1", "train 2000", "update +9", "step"
    )
    assert talk.lines[1] == f"Breakpoint 1: update == {update - 2}"
    assert any(line.startswith(f"Stopped: update {update} ") for line in talk.lines)
    assert any(line.startswith(f"update {update + 8} ·") for line in talk.lines)


def test_a_finite_run_is_not_stopped_by_a_fused_output(script):
    # Saturated outputs are 0 to the last bit; -t/y would be infinite, but the pass does not use it.
    talk = script("softmax", "break nonfinite", "set rate = 900", "train 50", options=("--strict",))
    assert talk.status == 0
    assert not any(line.startswith(("Stopped", "Breakpoint")) for line in talk.lines)
