"""The finder names slips: one term of one step computed differently, and the numbers that follow from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from time import process_time

import numpy as np
import pytest
from vocabulary import SIGMOIDS

from nnviz.debugger.finder.pass_program import program_of
from nnviz.debugger.finder.results import Result
from nnviz.debugger.finder.search import find
from nnviz.debugger.finder.slip_passes import Work, read_slip, slip_passes
from nnviz.debugger.state.found import CARRIED, SLIP
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import parse_lesson
from nnviz.present.core.voice import voice_of
from nnviz.present.finding.finder_text import report
from nnviz.present.finding.slip_phrases import slip_phrase
from nnviz.tracing.steps import Kind, Quantity

TUTORIAL = """format = 1
title = "2-1-2"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 1
activation = "sigmoid"
W = [[0.13436424411240122], [0.8474337369372327]]
b = [0.763774618976614]
[[network.layers]]
units = 2
activation = "sigmoid"
W = [[0.2550690257394217, 0.4494910647887381]]
b = [0.49543508709194095, 0.651592972722763]
[data]
inputs = [[1, 0]]
targets = [[0, 1]]
[convention]
delta = "descent"
[training]
learning_rate = 0.5
"""
SOFTMAX = """format = 1
title = "3-2-2"
[network]
inputs = 3
loss = "cross_entropy"
[[network.layers]]
units = 2
activation = "sigmoid"
W = [[0.2, -0.5], [-0.3, 0.1], [0.4, 0.2]]
b = [0.5, 0.5]
[[network.layers]]
units = 2
activation = "softmax"
W = [[0.3, -0.1], [0.4, 0.2]]
b = [0.1, 0.1]
[data]
inputs = [[1, 2, -1]]
targets = [[1, 0]]
[training]
learning_rate = 0.1
"""
THRESHOLDS = """format = 1
title = "XOR with thresholds"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 2
activation = "sigmoid"
W = [[0.5, 0.9], [0.4, 1.0]]
b = [-0.8, 0.1]
[[network.layers]]
units = 1
activation = "sigmoid"
W = [[-1.2], [1.1]]
b = [-0.3]
[data]
inputs = [[1, 1], [0, 1], [1, 0], [0, 0]]
targets = [[0], [1], [1], [0]]
[convention]
delta = "descent"
[training]
learning_rate = 0.1
"""


@cache
def session_of(text: str) -> Session:
    return start_session(parse_lesson(text, "mine.toml"))


def asked(text: str, numbers: str) -> tuple[Result, str]:
    """The result of a search, and what it says."""
    result = find(session_of(text), numbers)
    return result, report(session_of(text), result).text()


def slip_of(result: Result) -> tuple[str, int | None]:
    """The name and the layer of the slip that the numbers share."""
    assert result.joint is not None
    (change,) = [change for change in result.joint.changes if change.name in (SLIP, CARRIED)]
    slip = read_slip(change.value)
    return slip.name, slip.layer


def test_the_hidden_error_from_the_raw_output_error():
    numbers = "0.915883 -0.383561 0.557374 0.784420 0.440016 -0.717401 0.229992 0.608701"
    result, text = asked(SIGMOIDS, numbers)
    assert result.joint is not None
    assert result.joint.explained == tuple(range(8))
    assert slip_of(result) == ("back_raw", 0)
    assert "All 8 are values of this pass, if the derivative of the activation of the output layer is left out" in text
    assert "cross entropy" not in text


@pytest.mark.parametrize(
    "numbers",
    [
        "-0.275018 0.465652 -0.100041 0.043503",
        "0.979662 -0.484882 0.586982 0.737383 0.448275 -0.714308 0.225863 0.607154",
    ],
)
def test_the_derivative_of_the_output_left_out_is_called_that(numbers: str):
    result, text = asked(SIGMOIDS, numbers)
    assert slip_of(result) == ("slope_out", 1)
    assert "if the derivative of the activation of the output layer is left out" in text
    assert result.is_found


def test_outputs_of_the_bias_alone_and_all_that_follows():
    numbers = "0.6213859615555266 0.6573693455986976 -0.14619064683582808 0.0771723774346327 -0.0005348048046610517"
    result, text = asked(TUTORIAL, numbers)
    assert slip_of(result) == ("inputs_out", 1)
    assert text.startswith("All 5 are values of this pass, if the weighted inputs of the output layer are left out")
    assert "which follows from it" in text


def test_the_first_wrong_number_is_named_and_the_others_follow():
    result, text = asked(SOFTMAX, "-0.3 0.426 0.428 0.185 0.561 0.439 0.579")
    assert slip_of(result) == ("0.185", 1)
    lines = text.splitlines()
    assert lines[0] == "All 7 are values of this pass, if z⁽²⁾₂ is 0.185, where this pass has 0.1574."
    assert any(line.startswith("0.185 is the first wrong number: this pass has z⁽²⁾₂ = 0.1574") for line in lines)
    for number in ("0.561", "0.439", "0.579"):
        assert any(line.startswith(f"{number} is") and "which follows from it" in line for line in lines), number
    assert "rounded" not in text
    assert "evaluated at the activation" not in text


def test_thresholds_are_named():
    result, text = asked(THRESHOLDS, "0.0127 0.7962 -0.0985 0.3127")
    assert result.joint is not None
    assert [change.name for change in result.joint.changes] == ["threshold"]
    assert result.joint.explained == (0, 1, 2, 3)
    assert "0.0127 is the change of the threshold" in text
    assert text.count("the new threshold") == 3
    assert "uphill" not in text
    assert "none of" not in text
    assert "may be chance" not in text


def test_a_far_fetched_slip_is_not_offered_for_a_few_digits():
    _, text = asked(SOFTMAX, "0.579")
    assert "left out" not in text
    assert "exchanged" not in text


def test_losses_of_the_examples_and_their_mean_and_sum_are_recognised_together():
    session = session_of(THRESHOLDS)
    losses = [float(start_session(session.lesson, example=example).record.loss[0]) for example in range(4)]
    numbers = [*losses, sum(losses) / 4, sum(losses)]
    result, text = asked(THRESHOLDS, " ".join(f"{number:.6f}" for number in numbers))
    assert result.joint is not None
    assert result.joint.explained == tuple(range(6))
    assert text.startswith("All 6 are values of this pass and of other examples with the same weights")
    assert "the mean of" in text
    assert "the sum of" in text
    assert "not a value" not in text
    # the error of the only output is the loss, and said once
    assert [text.count(f"in example {place}") for place in (2, 3, 4)] == [1, 1, 1]


def raw_hidden_errors(session: Session) -> list[float]:
    """The hidden error terms in the document's form if the derivative of the output is left out on the way back."""
    record = session.record
    weights, raw = record.parameters.W[1], record.dE_da[1][0, record.row]
    slopes, factor = record.slope[0][0, record.row], session.form.factor_in(record, Quantity(Kind.DELTA, 0, 0))
    return [factor * float(weights[j] @ raw) * float(slopes[j]) for j in range(len(weights))]


@pytest.mark.parametrize("is_stepped", [True, False])
def test_a_slip_in_another_example_is_named(is_stepped: bool):
    lesson = session_of(THRESHOLDS).lesson
    other = start_session(lesson, example=2)
    hidden = other.record.a[0][0, other.record.row]
    numbers = " ".join(f"{number:.7f}" for number in (*hidden, *raw_hidden_errors(other)))
    session = other if is_stepped else session_of(THRESHOLDS)
    result = find(session, numbers)
    assert slip_of(result) == ("slope_out", 1)  # of one output the same as on the way back alone
    assert result.joint is not None
    assert result.joint.example == 2
    assert ("in example 3" in report(session, result).verdict) != is_stepped


def test_a_slip_after_updates_is_named():
    session = start_session(session_of(THRESHOLDS).lesson, example=1, update=40)
    result = find(session, " ".join(f"{number:.7f}" for number in raw_hidden_errors(session)))
    assert slip_of(result) == ("slope_out", 1)


def test_a_slip_in_a_large_pass_is_named():
    generator = np.random.default_rng(0)
    sizes, layers = (20, 40, 5), ""
    for fan_in, units, activation in ((20, 40, "tanh"), (40, 5, "softmax")):
        weights, bias = generator.normal(0, 0.3, (fan_in, units)), generator.normal(0, 0.2, units)
        layers += f'[[network.layers]]\nunits = {units}\nactivation = "{activation}"\n'
        layers += f"W = {np.round(weights, 3).tolist()}\nb = {np.round(bias, 3).tolist()}\n"
    x = np.round(generator.normal(0, 1, sizes[0]), 2).tolist()
    text = (
        f'format = 1\ntitle = "large"\n[network]\ninputs = 20\nloss = "cross_entropy"\n{layers}'
        f"[data]\ninputs = [{x}]\ntargets = [[0, 1, 0, 0, 0]]\n[training]\nlearning_rate = 0.1\n"
    )
    session = session_of(text)
    delta = session.record.parameters.W[1] @ session.record.delta[1][0, 0]
    gradients = np.outer(x, delta)[:2, :3].ravel()
    result, said = asked(text, " ".join(f"{number:.8f}" for number in (*delta[:3], *gradients)))
    assert slip_of(result) == ("slope_out", 0)
    assert said.startswith("All 9 are values of this pass, if the derivative of the activation of the hidden layer")


def test_numbers_worked_out_from_rounded_ones_share_that():
    record = session_of(SIGMOIDS).record
    hidden = [round(sigmoid(round(float(z), 2)), 2) for z in record.z[0][0, 0]]
    weights, bias = record.parameters.W[1], record.parameters.b[1]
    sums = [
        round(hidden[0] * float(weights[0, k]) + hidden[1] * float(weights[1, k]) + float(bias[k]), 2) for k in (0, 1)
    ]
    numbers = [*(f"{each:.2f}" for each in (*hidden, *sums)), *(f"{sigmoid(each):.6f}" for each in sums)]
    result, text = asked(SIGMOIDS, " ".join(numbers))
    assert result.is_found
    assert text.startswith("All 6 are values of this pass, if")
    assert "rounded to 2 decimals" in text.splitlines()[0]


@pytest.mark.parametrize("numbers", ["0.4417", "0.4417 0.8261 0.1937", "0.44173 0.82614", "0.332 0.332 0.915"])
def test_numbers_of_nobody_get_no_explanation(numbers: str):
    result, _ = asked(SIGMOIDS, numbers)
    assert result.joint is None or not result.joint.changes
    best = [answer.found[0] for answer in result.answers if answer.found]
    assert not [found for found in best if found.is_changed and found.certainty != "chance"]


@pytest.mark.parametrize("name", lesson_names())
def test_the_program_computes_what_the_record_has(name: str):
    program = program_of(start_session(load(name)).record)
    if program is None:
        return
    for node, value, given in zip(program.nodes, program.values, program.given, strict=True):
        assert node.compute(given) == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert all(max(sources, default=-1) < place for place, sources in enumerate(program.sources))


def test_every_slip_has_a_sentence():
    for text in (SIGMOIDS, TUTORIAL, SOFTMAX, THRESHOLDS):
        session = session_of(text)
        program = program_of(session.record)
        assert program is not None
        for found in slip_passes(program, Work()):
            assert read_slip(found.slip.text).name == found.slip.name
            phrase = slip_phrase(voice_of(session), found.slip.change, Quantity(Kind.LOSS))
            assert phrase.startswith(("if ", "with "))
            assert "{" not in phrase


# A pass worked out in plain Python, with one term of one step broken


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "tanh": (math.tanh, lambda a: 1 - a * a),
}


@dataclass
class HandPass:
    """A pass of a network with one hidden layer, one example; `broken` names the slip and `at` its unit and source."""

    x: list[float]
    t: list[float]
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    names: list[str]
    rate: float
    broken: str = ""
    at: tuple[int, int] = (0, 0)
    numbers: dict[str, list[float]] = field(default_factory=dict)

    def run(self) -> dict[str, list[float]]:
        unit, source = self.at
        found: dict[str, list[float]] = {}
        a = list(self.x)
        entering, outputs, sums = [], [], []
        for layer in (0, 1):
            entering.append(a)
            z = [
                sum(
                    float(self.weights[layer][s, u]) * a[s]
                    for s in range(len(a))
                    if not (self.broken == f"product{layer}" and (u, s) == (unit, source))
                )
                + (0.0 if self.broken == f"bias{layer}" else float(self.biases[layer][u]))
                for u in range(self.weights[layer].shape[1])
            ]
            a = [FUNCTIONS[self.names[layer]][0](each) for each in z]
            sums.append(z)
            outputs.append(a)
            found[f"z{layer}"], found[f"a{layer}"] = z, a
        g = [y - t for y, t in zip(outputs[1], self.t, strict=True)]
        if self.broken == "minus":
            g = [-each for each in g]
        if self.broken == "twice":
            g = [2 * each for each in g]
        for layer in (1, 0):
            if layer == 0:
                after = found["g1"] if self.broken == "raw" else found["delta1"]
                w = self.weights[1].T if self.broken == "transposed" else self.weights[1]
                g = [
                    sum(
                        (1.0 if self.broken == "unweighted" else float(w[u, k])) * after[k]
                        for k in range(len(after))
                        if not (self.broken == "back" and (u, k) == (unit, source))
                    )
                    for u in range(self.weights[0].shape[1])
                ]
            name = self.names[layer]
            if self.broken == f"other{layer}":
                name = "tanh" if name == "sigmoid" else "sigmoid"
            slopes = [1.0 if self.broken == f"slope{layer}" else FUNCTIONS[name][1](each) for each in outputs[layer]]
            found[f"g{layer}"] = g
            found[f"delta{layer}"] = [each * slope for each, slope in zip(g, slopes, strict=True)]
        for layer in (0, 1):
            inputs = entering[layer]
            if self.broken == f"input{layer}":
                inputs = [1.0] * len(inputs)
            if self.broken == "z_in_gradient" and layer == 1:
                inputs = sums[0]
            gradients = [
                (float(self.weights[layer][s, u]) if self.broken == f"weight{layer}" else inputs[s]) * delta
                for s in range(len(inputs))
                for u, delta in enumerate(found[f"delta{layer}"])
            ]
            sign = -1.0 if self.broken == f"uphill{layer}" else 1.0
            flat = [float(each) for each in self.weights[layer].ravel()]
            found[f"dW{layer}"] = gradients
            found[f"W{layer}"] = [w - sign * self.rate * g for w, g in zip(flat, gradients, strict=True)]
        return found


# The broken term, and the names under which the finder may know it, each with its layer.
BROKEN = {
    "product0": {("term_out", 0)},
    "product1": {("term_out", 1)},
    "bias0": {("bias_out", 0)},
    "bias1": {("bias_out", 1)},
    "minus": {("minus", 1), ("minus", None), ("sign", None)},
    "twice": {("factor", 1), ("loss", None)},
    "raw": {("back_raw", 0)},
    "transposed": {("back_transposed", 0), ("transposed", None), ("exchanged", 0)},
    "unweighted": {("back_unweighted", 0)},
    "back": {("term_out", 0)},
    "slope0": {("slope_out", 0)},
    "slope1": {("slope_out", 1), ("loss", None)},
    "other0": {("other_slope", 0)},
    "other1": {("other_slope", 1)},
    "input0": {("input_out", 0)},
    "input1": {("input_out", 1)},
    "weight0": {("gradient_weight", 0)},
    "weight1": {("gradient_weight", 1)},
    "z_in_gradient": {("gradient_z", 1)},
    "uphill0": {("uphill", 0)},
    "uphill1": {("uphill", 1)},
}


def random_network(generator: np.random.Generator, broken: str) -> tuple[HandPass, Lesson]:
    inputs, hidden, outputs = generator.integers(2, 4), 2, 2
    names = [str(name) for name in generator.choice(sorted(FUNCTIONS), 2)]
    weights = [np.round(generator.uniform(-1, 1, shape), 2) for shape in ((inputs, hidden), (hidden, outputs))]
    biases = [np.round(generator.uniform(0.1, 1, size), 2) for size in (hidden, outputs)]
    x, t = np.round(generator.uniform(0.2, 1, inputs), 2).tolist(), np.round(generator.random(outputs), 1).tolist()
    layers = "".join(
        f'[[network.layers]]\nunits = {w.shape[1]}\nactivation = "{name}"\nW = {w.tolist()}\nb = {b.tolist()}\n'
        for w, b, name in zip(weights, biases, names, strict=True)
    )
    text = (
        f'format = 1\ntitle = "random"\n[network]\ninputs = {inputs}\nloss = "half_squared"\n{layers}'
        f"[data]\ninputs = [{x}]\ntargets = [{t}]\n[training]\nlearning_rate = 0.5\n"
    )
    at = (int(generator.integers(0, 2)), int(generator.integers(0, 2)))
    return HandPass(x, t, weights, biases, names, 0.5, broken, at), parse_lesson(text, "random.toml")


def named(hand: HandPass, lesson: Lesson) -> tuple[set[tuple[str, int | None]], float]:
    """What the finder calls the slip of a page of up to ten numbers, and the seconds it needed."""
    wrong, name = hand.run(), hand.broken
    hand.broken = ""
    right = hand.run()
    differ = {name for name, values in wrong.items() if values != right[name]}
    # A page prints what it computes: of each kind of number that is wrong the first two, after two that are right.
    page = [*wrong["a0"]][:2] if "a0" not in differ else []
    for kind in ("z0", "a0", "z1", "a1", "delta1", "delta0", "dW1", "dW0", "W1", "W0"):
        is_printed = kind in differ or (kind in ("W0", "W1") and "uphill" in name) or (kind, name) == ("delta1", "raw")
        page += wrong[kind][:2] if is_printed else []
    start = process_time()
    result = find(start_session(lesson), " ".join(f"{number:.7f}" for number in page[:10]))
    seconds = process_time() - start
    if result.joint is None:
        return set(), seconds
    names: set[tuple[str, int | None]] = set()
    for change in result.joint.changes:
        slip = read_slip(change.value) if change.name in (SLIP, CARRIED) else None
        names.add((change.name, None) if slip is None else (slip.name, slip.layer))
    if not names & BROKEN[name]:
        print(name, names, page)
    return names, seconds


def test_a_random_broken_term_is_named(capsys: pytest.CaptureFixture[str]):
    generator = np.random.default_rng(5)
    tried, right, times = Counter[str](), Counter[str](), []
    for round_ in range(2 * len(BROKEN)):
        broken = sorted(BROKEN)[round_ % len(BROKEN)]
        hand, lesson = random_network(generator, broken)
        names, seconds = named(hand, lesson)
        tried[broken] += 1
        right[broken] += bool(names & BROKEN[broken])
        times.append(seconds)
    with capsys.disabled():
        print("\n" + ", ".join(f"{broken} {right[broken]}/{tried[broken]}" for broken in sorted(tried)))
        print(f"{sum(right.values())} of {sum(tried.values())} named, {max(times):.2f} s of CPU at most")
    assert sum(right.values()) >= 0.9 * sum(tried.values())
