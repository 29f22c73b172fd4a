"""The terms of an update: as steps, on the card, in listing, values, watches, printed figures and the finder."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import go_to
from nnviz.debugger.conditions.expressions import ExpressionError, evaluate, read_condition, read_expression
from nnviz.debugger.conditions.observer import Observer
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.training import Trainer
from nnviz.lessons.faults import LessonError
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import parse_lesson
from nnviz.present.core.printed import EXACT, match_figure
from nnviz.present.finding.finder_text import report, report_text
from nnviz.present.listing.listing import listing
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.present.words.card_blocks import FormulaBlock, card_blocks
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of

# One weight, w = 0, gradient y - t = 1, so that Adam's first update is by hand: m = 0.1, v = 0.01, both corrected to 1.
ADAM = """format = 1
title = "cold start"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "linear"
W = [[0]]
b = [0]
[data]
inputs = [[1]]
targets = [[-1]]
[convention]
frozen = ["biases"]
[training]
learning_rate = 0.001
optimizer = "adam"
beta2 = 0.99
"""
W = Quantity(Kind.W_NEW, 0, 0, 0)


def printed(quantity: str, value: str, more: str = "layer = 1\nunit = 1\nsource = 1") -> str:
    return f'[[printed]]\nquantity = "{quantity}"\nvalue = "{value}"\n{more}\n'


def lesson_of(text: str, *overrides: str) -> Lesson:
    return parse_lesson(text, "cold.toml", overrides)


def opened(text: str, *overrides: str) -> Session:
    session = start_session(lesson_of(text, *overrides))
    end = session.trace.find(W)
    assert end is not None
    return go_to(session, end)


def value(session: Session, kind: Kind, slot: int | None = None) -> object:
    return value_of(session.record, Quantity(kind, 0, 0, 0, slot=slot))


def test_the_first_update_of_adam_is_that_of_the_page() -> None:
    figures = (("m", "0.1"), ("v", "0.01"), ("m_hat", "1.0"), ("v_hat", "1.000"), ("W_new", "-0.0010000"))
    session = opened(ADAM + "".join(printed(*figure) for figure in figures))
    for quantity, text in figures[:-1]:
        kind = Kind.CORRECTED if quantity.endswith("_hat") else Kind.MOVING
        term = Quantity(kind, 0, 0, 0, slot="mv".index(quantity[0]))
        here = go_to(replace(session, grain=Grain.TERM), session.trace.find(term) or 0)
        assert [chip.state for chip in card(here).chips] == ["exact"], quantity
        assert card(here).chips[0].text.startswith(f"printed {text} ✓")
    shown = card(session)
    assert shown.formula is not None
    assert [part.texts()[0] for part in shown.formula.parts] == ["m_W⁽¹⁾", "v_W⁽¹⁾", "m̂_W⁽¹⁾", "v̂_W⁽¹⁾"]
    assert sum(isinstance(block, FormulaBlock) and block.role == "part" for block in card_blocks(shown)) == 4
    rows = {row.name: row.text for row in value_rows(session)}
    assert rows["m_hat_W1"] == "[[1.000000]]"
    assert rows["v_W1"] == "[[0.010000]]"


def test_a_figure_of_another_optimizer_is_refused() -> None:
    with pytest.raises(LessonError) as refused:
        lesson_of(ADAM + printed("velocity", "0.1"))
    (fault,) = refused.value.faults
    assert fault.field == "printed[1].quantity"
    assert fault.message == "velocity needs optimizer = 'momentum' or 'nesterov', not 'adam'"
    assert lesson_of(ADAM + printed("m", "0", "layer = 1\nunit = 1")).printed[0].source is None


def test_the_listing_points_at_the_line_of_each_term() -> None:
    session = replace(opened(ADAM, "training.l1=0.5"), grain=Grain.TERM)
    session = go_to(session, session.trace.find(Quantity(Kind.PENALTY, 0, 0, 0)) or 0)
    lines = []
    for _ in range(7):
        shown = listing(session)
        assert shown.current is not None
        lines.append(shown.lines[shown.current].code.partition(" = ")[0])
        session = go_to(session, session.position + 1)
    assert lines == ["penalty_W1", "g_W1", "m_W1", "v_W1", "m_hat_W1", "v_hat_W1", "W1"]


def test_watches_and_breakpoints_name_the_terms_and_are_unknown_under_another_rule() -> None:
    settings = ("training.clip=0.5", "training.weight_decay=0.1", "network.layers[1].W=[[3]]")
    session = opened(ADAM, *settings)
    wanted = {"norm": 4.0, "clip": 0.5 / 4.000001, "penalty_W1": 0.3, "g_W1": 0.8, "m_W1": 0.08, "m_hat_W1": 0.8}
    for name, number in wanted.items():
        assert evaluate(read_expression(f"{name} + 0", session), session) == pytest.approx(number, rel=1e-6), name
    with pytest.raises(ExpressionError, match="unknown name 'velocity_W1'"):
        read_expression("velocity_W1", session)
    early = go_to(session, 0)
    assert evaluate(read_expression("v_hat_W1", early), early) is None
    condition = read_condition("m_hat_W1[1,1] < 0.75", session)
    seen = []
    for optimizer in ("adam", "sgd"):
        training = replace(session.training, optimizer=optimizer)
        trainer = Trainer(session.network, session.lesson.dataset, training, session.convention)
        observer = Observer(trainer, [condition], 0)
        for _ in range(3):
            observer.begin()
            observer.end(trainer.update())
            seen += observer.now
    lesson = lesson_of(ADAM, *settings)
    by_pass = [start_session(lesson, update=update) for update in range(3)]
    assert seen == [bool(value(each, Kind.CORRECTED, 0) < 0.75) for each in by_pass] + [False] * 3  # type: ignore[operator]


def test_the_card_says_how_the_rate_follows_from_its_schedule() -> None:
    schedule = ("training.schedule=step", "training.decay=0.5", "training.decay_every=2")
    lesson = lesson_of(ADAM, "training.optimizer=sgd", *schedule)
    session = start_session(lesson, update=5)
    assert "The learning rate of epoch 6 is 0.00025: 0.001 · 0.5^2." in card(go_to(session, session.trace.end)).text


def test_the_finder_names_the_terms_and_what_a_page_leaves_out() -> None:
    common = ("network.layers[1].W=[[3.217]]", "training.learning_rate=0.013")
    session = opened(ADAM, "training.weight_decay=0.7", *common)
    text = report_text(report(session, find(session, "6.4689 0.64689")))
    assert "6.4689 is the adjusted gradient g_W⁽¹⁾" in text
    assert "0.64689 is the first moment m_W⁽¹⁾" in text
    plain = opened(ADAM, "training.optimizer=sgd", *common)
    clipped = opened(ADAM, "training.optimizer=sgd", "training.clip=1.5", *common)
    number = value_of(plain.record, W)
    assert "if the gradient is not clipped" in report_text(report(clipped, find(clipped, f"{number:.9f}")))


RECURRENT = """format = 1
title = "t"
[network]
inputs = 1
loss = "half_squared"
[[network.layers]]
units = 1
activation = "linear"
recurrent = true
W = [[1]]
b = [0]
W_h = [[0.5]]
b_h = [0]
[[network.layers]]
units = 1
activation = "linear"
W = [[1]]
b = [0]
[data]
inputs = [[[1], [2]]]
targets = [[[0], [0]]]
[training]
learning_rate = 0.1
optimizer = "adam"
"""


def test_the_memory_of_recurrent_weights_is_a_printed_figure() -> None:
    # h = 1, 2.5, which is the gradient at each output; only the second reaches W_h, with the first h: 2.5 · 1
    place = "layer = 1\nunit = 1\nsource = 1\n"
    for quantity, of, text in (("m", "W_h", "0.25"), ("v_hat", "W_h", "6.25"), ("m", "W", "0.725")):
        figure = f'[[printed]]\nquantity = "{quantity}"\nof = "{of}"\n{place}value = "{text}"\n'
        lesson = parse_lesson(RECURRENT + figure, "t.toml")
        match = match_figure(start_session(lesson), lesson.printed[0])
        assert match.state == EXACT, (quantity, of, match)


@pytest.mark.parametrize(
    ("quantity", "of", "more", "fault"),
    [
        ("m", "W_h", "", "missing; W_h needs a source from 1 to 1"),
        ("m", "b_h", "source = 1\n", "b_h has no source; leave it out"),
        ("m", "W_i", "source = 1\n", "'W_i' is not one of W, b, W_h, b_h"),
        ("z", "W", "", "z is not a number of an optimizer's memory; leave this out"),
    ],
)
def test_a_memory_of_nothing_is_refused(quantity: str, of: str, more: str, fault: str) -> None:
    figure = f'[[printed]]\nquantity = "{quantity}"\nof = "{of}"\nlayer = 1\nunit = 1\n{more}value = "1"\n'
    with pytest.raises(LessonError) as refused:
        parse_lesson(RECURRENT + figure, "t.toml")
    assert fault in str(refused.value)
