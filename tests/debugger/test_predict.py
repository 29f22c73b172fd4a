"""Predicting Koehn's network by hand: questions, answers, what is wrong with a wrong one, and the score."""

import pytest

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import back, go_to, set_grain
from nnviz.debugger.quiz import predict
from nnviz.debugger.state.prediction import State, Tally
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Grain, Kind, Quantity


def koehn(*answers, grain=Grain.NEURON, **options):
    session = predict.start(start_session(load("koehn"), grain=grain), **options)
    for text in answers:
        session = predict.next_question(answered(session, text))
    return session


def answered(session, text):
    return predict.answer(session, text)


def said(session):
    return predict.prediction_here(session).verdict


def asked(session):
    return predict.question(session).step.quantity


def at(kind, layer=None, unit=0, source=None, grain=Grain.NEURON, lesson="koehn"):
    """A session that asks for a quantity."""
    session = start_session(load(lesson), grain=grain)
    position = session.trace.find(Quantity(kind, layer, unit, source))
    start = session.trace.enclosing(grain, position).start
    return predict.start(go_to(session, start), skips_trivial=False)


# x = (1, 0): z_1 = 3·1 + 4·0 − 2 = 1, z_2 = 2·1 + 3·0 − 4 = −2, h = (0.7311, 0.1192),
# z = 5·0.7311 − 5·0.1192 − 2 = 1.0593, y = 0.7426
FORWARD = ("1", "-2", "0.73", "0.12", "1.06", "0,743")


def test_the_forward_pass_is_asked_for_number_by_number():
    session = koehn(*FORWARD)
    assert dict(session.predicting.score) == {"z": Tally(3, 3), "a": Tally(3, 3)}
    assert asked(session).kind is Kind.ERROR


def test_nothing_is_known_before_it_is_answered():
    session = koehn("1", "-2")
    assert session.position == session.trace.find(Quantity(Kind.Z, 0, 1))
    wrong = answered(session, "0.9")
    assert wrong.position == session.position
    assert said(wrong).state is State.WRONG
    right = answered(wrong, "0.731")
    assert right.asked is None
    assert right.position == session.trace.find(Quantity(Kind.A, 0, 0))
    assert dict(right.predicting.score)["a"] == Tally(1, 0, 1)


def test_too_few_digits_and_no_number_do_not_count():
    session = koehn("1", "-2")
    for text, state in (("0.7", State.SHORT), ("what", State.UNREAD), ("0.73 0.12", State.UNREAD)):
        session = answered(session, text)
        assert said(session).state is state
    assert dict(answered(session, "0.73").predicting.score)["a"] == Tally(1, 1)


@pytest.mark.parametrize(
    ("place", "text", "name", "quantity"),
    [
        ((Kind.A, 1), "1.06", "other", Quantity(Kind.Z, 1, 0)),  # z for a
        ((Kind.Z, 1), "-1.06", "sign", None),
        ((Kind.Z, 1), "3.06", "bias", Quantity(Kind.BIAS, 1, 0)),  # 3.0593 without b = -2
        ((Kind.Z, 1), "5.06", "bias_sign", Quantity(Kind.BIAS, 1, 0)),
        ((Kind.Z, 1), "1.66", "product", Quantity(Kind.A, 0, 1)),  # 5·0.7311 − 2, h_2 left out
        ((Kind.A, 0), "0.12", "other", Quantity(Kind.A, 0, 1)),  # another unit
        ((Kind.DELTA, 1), "0.2574", "other", Quantity(Kind.DE_DA, 1, 0)),  # the slope left out
        ((Kind.DELTA, 1), "-0.0492", "sign", None),  # the gradient, where Koehn takes descent
        ((Kind.ERROR, None), "0.0663", "factor", None),  # the half left out
        ((Kind.A, 1), "0.7428", "last_digit", None),
    ],
)
def test_a_wrong_answer_is_explained(place, text, name, quantity):
    verdict = said(answered(at(*place), text))
    assert verdict.state is State.WRONG
    assert (verdict.slip.name, verdict.slip.quantity) == (name, quantity)


def test_a_new_weight_is_explained():
    # W_2,1 = 5 and its change 0.03598
    session = at(Kind.W_NEW, 1, 0, 0)
    for text, name in (("5.03598", None), ("4.96402", "uphill"), ("0.03598", "change")):
        slip = said(answered(session, text)).slip
        assert (slip and slip.name) == name


def test_rounding_on_the_way_is_told():
    # δ_1 = W δ f' with δ = 0.05 and f' = 0.20: 5·0.05·0.2 = 0.05 where 0.0484 is right
    session = at(Kind.DELTA, 0)
    slip = said(answered(session, "0.050")).slip
    assert slip.name == "rounded"


def test_the_finder_explains_what_the_step_alone_does_not():
    # the bias of both layers left out: h = σ(3), σ(2), z = 5·0.9526 − 5·0.8808 = 0.359
    verdict = said(answered(at(Kind.Z, 1), "0.35888"))
    assert verdict.slip.name == "finder"
    assert [change.name for change in verdict.slip.found.changes] == ["bias"]


def test_a_vector_is_asked_for_at_the_grain_of_a_layer():
    session = koehn(grain=Grain.LAYER)
    assert len(predict.question(session).items) == 2
    assert said(answered(session, "1")).state is State.UNREAD
    partly = said(answered(session, "1 2"))
    assert (partly.state, partly.entry, partly.wrong, partly.slip.name) == (State.WRONG, 1, 1, "sign")
    assert said(answered(session, "(1, -2)")).state is State.RIGHT
    assert predict.next_question(answered(session, "1; -2")).asked.kind is Kind.A


def test_a_matrix_is_asked_for_as_the_document_writes_it():
    session = at(Kind.DW, 0, 0, 0, grain=Grain.LAYER)
    items = predict.question(session).items
    assert [(item.unit, item.source) for item in items] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    other = choose(session, "weights", "inputs_first")
    assert [(item.unit, item.source) for item in predict.question(other).items] == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_hints_come_one_by_one_and_only_while_it_is_asked():
    session = koehn()
    for hints in (1, 2, 2):
        session = predict.hint(session)
        assert predict.prediction_here(session).hints == hints
    told = predict.reveal(session)
    assert predict.hint(told) == told


def test_what_is_shown_counts_as_revealed_and_what_is_skipped_not_at_all():
    session = predict.next_question(predict.reveal(koehn()))
    session = predict.skip(session)
    session = predict.next_question(session)  # walking on from an open question shows it
    assert dict(session.predicting.score) == {"z": Tally(1, 0, 0, 1), "a": Tally(1, 0, 0, 1)}


def test_going_back_does_not_count_again():
    session = answered(koehn(), "1")
    again = answered(back(session), "1")
    assert again.position == session.position
    assert again.predicting.score == session.predicting.score


def test_another_place_is_another_question():
    session = predict.hint(answered(koehn(), "7"))
    moved = go_to(session, session.trace.find(Quantity(Kind.A, 0, 1)))
    assert predict.prediction_here(moved).attempts == ()
    assert said(moved) is None
    assert asked(moved) == Quantity(Kind.Z, 1, 0)


def kinds_asked(session):
    """The kinds of step that a whole pass asks for."""
    kinds, trace = [], session.trace
    while session.trace is trace and session.asked is not None:
        kinds.append(session.asked.kind)
        session = predict.next_question(session)
    return kinds


def test_trivial_steps_can_be_left_out():
    all_kinds = kinds_asked(koehn(grain=Grain.TERM, skips_trivial=False))
    kinds = kinds_asked(koehn(grain=Grain.TERM))
    assert len(all_kinds) == start_session(load("koehn")).trace.end
    assert Kind.BIAS_TERM in all_kinds
    assert Kind.BIAS_TERM not in kinds
    # x = (1, 0): of the four products with an input two are with 0; and E is the error of the only output
    assert (kinds.count(Kind.PRODUCT), all_kinds.count(Kind.PRODUCT)) == (4, 6)
    assert (kinds.count(Kind.LOSS), kinds.count(Kind.ERROR)) == (0, 1)


def test_into_and_out_ask_at_another_grain():
    session = koehn()
    finer = predict.action_while_predicting("into", back)(session)
    assert (finer.grain, finer.position, asked(finer).kind) == (Grain.TERM, 0, Kind.PRODUCT)
    coarser = predict.action_while_predicting("out", back)(session)
    assert (coarser.grain, coarser.position) == (Grain.LAYER, 0)
    assert predict.action_while_predicting("back", back) is back


def test_a_whole_pass_is_asked_neuron_by_neuron_and_a_large_layer_not_at_all():
    assert koehn(grain=Grain.PASS).grain is Grain.NEURON
    session = set_grain(Grain.LAYER)(predict.start(start_session(load("graph-20-50-10"))))
    assert session.asked is not None
    assert predict.question(session) is None
    assert predict.next_question(session).position > 0


def test_the_pass_goes_on_to_the_next():
    start = start_session(load("koehn"))
    last = start.trace.step(Grain.NEURON, start.trace.length(Grain.NEURON) - 1)
    session = predict.start(go_to(start, last.start), skips_trivial=False)
    assert asked(session) == last.quantity
    session = predict.reveal(session)
    assert session.at_end
    session = predict.next_question(session)
    assert session.checkpoint.update == 1
    assert asked(session) == Quantity(Kind.Z, 0, 0)


def test_it_stops_and_the_score_can_be_forgotten():
    session = answered(koehn(), "1")
    assert predict.reset_score(session).predicting.score == ()
    assert predict.stop(session).predicting is None
    assert predict.stop(session).asked is None
