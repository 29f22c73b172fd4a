"""The lessons beside the first four: what they compute, what they print and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from vocabulary import trainer_of

from nnviz.debugger.state.session import Session, choose_notation, choose_training, start_session
from nnviz.engine.record import PassRecord
from nnviz.engine.training import NonFiniteError, accuracy, train_epochs
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.loader import parse_lesson
from nnviz.lessons.notation import Notation, load_notation, parse_notation
from nnviz.lessons.summaries import lesson_summaries
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.listing.listing import listing_lines
from nnviz.present.start.lesson_cards import TOPICS
from nnviz.present.words.captions import sentence
from nnviz.present.words.card import Card, captions_of, card
from nnviz.tracing.steps import Grain, Kind, Quantity

KINDS = ("z", "a", "error", "loss", "dE_da", "slope", "delta", "dW", "db", "W_new", "b_new")
LOOP_KINDS = ("dW_h", "db_h", "W_h_new", "b_h_new")
SIZES = {
    "krzeminski-walkthrough": (2, 3, 1),
    "from-scratch-as-printed": (2, 3, 2),
    "graph": (2, 4, 2),
    "graph-20-50-10": (20, 50, 10),
    "softmax": (2, 3, 3),
    "softmax-deep": (2, 3, 3, 3, 3),
    "softmax-as-printed": (2, 3, 3),
}
NOTATIONS = {
    "krzeminski-walkthrough": "krzeminski",
    "from-scratch-as-printed": "from-scratch",
    "graph": "graph",
    "graph-20-50-10": "graph",
    "softmax": "softmax",
    "softmax-deep": "softmax",
    "softmax-as-printed": "softmax",
}
# Where the gradients are not those of the loss, the check must say so, and by which convention.
AS_PRINTED = {
    "krzeminski-walkthrough": 'slope = "product_of_z", update = "sequential"',
    "from-scratch-as-printed": 'slope = "derivative_of_a"',
}


def first_pass(name: str) -> PassRecord:
    return start_session(load(name)).record


def own_voice(name: str, notation: str | None = None) -> Voice:
    chosen = None if notation is None else load_notation(notation)
    return voice_of(start_session(load(name), notation=chosen))


def lines(session: Session) -> dict[Quantity, str]:
    """What every step says, symbols and numbers, at the session's grain."""
    voice = voice_of(session)
    return {
        step.quantity: formula(session.trace, step, voice).texts()[1] for step in session.trace.at(session.grain)
    }  # fmt: skip


def card_at(session: Session, quantity: Quantity) -> Card:
    position = session.trace.find(quantity)
    assert position is not None
    return card(replace(session, position=position))


@pytest.mark.parametrize("name", SIZES)
def test_they_are_what_they_say(name: str) -> None:
    lesson = load(name)
    assert lesson.network.architecture.sizes == SIZES[name]
    assert lesson.notation == load_notation(NOTATIONS[name])
    assert lesson.errata
    assert all(erratum.where and erratum.text.endswith(".") for erratum in lesson.errata)


@pytest.mark.parametrize("name", SIZES)
def test_the_check_passes_and_is_honest(name: str) -> None:
    found = list(verdicts(load(name)))
    assert not [verdict.text for verdict in found if verdict.failed]
    (gradients,) = (verdict.text for verdict in found if verdict.text.startswith("gradients"))
    if name in AS_PRINTED:
        assert gradients.startswith(f"gradients are not those of the loss, as expected with {AS_PRINTED[name]}:")
    else:
        assert gradients.startswith("gradients agree with central differences")


# krzeminski-walkthrough


def test_the_first_walkthrough_by_hand() -> None:
    lesson = load("krzeminski-walkthrough")
    convention = lesson.convention
    assert (convention.slope, convention.delta) == ("product_of_z", "descent")
    assert (convention.step, convention.update) == ("uphill", "sequential")
    assert lesson.example == 0
    assert lesson.network.W[0].tolist() == load("krzeminski-sgd").network.W[0].tolist()
    # The four parameters that matter when x = (0, 0), as RandomState(1) draws them:
    #   w2 = (-0.62748, -0.30888, -0.20647)  b1 = (0.07763, -0.16161, 0.37044)  b2 = -0.59110
    done = first_pass("krzeminski-walkthrough")
    # act1 = b1, since both inputs are 0; lay1 = sigmoid(act1) = (0.51940, 0.45968, 0.59157)
    assert done.z[0].ravel().tolist() == pytest.approx([0.07763346800671389, -0.1616109711934104, 0.370439000793519])
    assert done.a[0].ravel().tolist() == pytest.approx([0.5193986250929223, 0.45968496505908163, 0.5915650522409563])
    # act2 = -0.62748*0.51940 - 0.30888*0.45968 - 0.20647*0.59157 - 0.59110 = -1.18113; lay2 = 0.23485
    assert done.z[1].item() == pytest.approx(-1.181131862817061)
    assert done.a[1].item() == pytest.approx(0.2348487453230324)
    assert done.loss.item() == pytest.approx(0.5 * 0.2348487453230324**2)
    # First slip: dsigmoid(act2) = -1.18113 * (1 + 1.18113) = -2.57620, where the slope is 0.17969.
    # delta_l2 = (0 - 0.23485) * -2.57620 = 0.60502, where downhill is (0 - 0.23485) * 0.17969 = -0.04220.
    assert done.slope[1].item() == pytest.approx(-2.5762043402297956)
    assert -done.delta[1].item() == pytest.approx(0.6050183569867328)
    # corr_w2 = delta_l2 * lay1; second slip: it is subtracted. w2 = -0.62748 - 0.1 * 0.31425 = -0.65890, …
    assert (-done.gradients.W[1].ravel()).tolist() == pytest.approx(
        [0.3142457027748879, 0.27811784229154923, 0.35790771595759413]
    )
    assert done.updated.W[1].ravel().tolist() == pytest.approx(
        [-0.658904147522147, -0.33669033014305944, -0.24225582313441954]
    )
    assert done.updated.b[1].item() == pytest.approx(-0.6515973362356384)
    # Third slip: delta_l1 = (w2 as it is now) * delta_l2 * dsigmoid(act1)
    #   = (-0.65890, -0.33669, -0.24226) * 0.60502 * (0.07161, -0.18773, 0.23321) = (-0.02855, 0.03824, -0.03418)
    assert (-done.delta[0].ravel()).tolist() == pytest.approx(
        [-0.028545872162659608, 0.03824113209563676, -0.034181986395357696]
    )
    # corr_w1 = 0, since x is; b1 = b1 - 0.1 * delta_l1
    assert not done.gradients.W[0].any()
    assert done.updated.b[0].ravel().tolist() == pytest.approx(
        [0.08048805522297985, -0.16543508440297405, 0.3738571994330548]
    )


def test_the_repeated_walkthrough_stops_at_the_first_number_that_is_none() -> None:
    lesson = load("krzeminski-walkthrough")
    trainer = trainer_of(lesson)
    with pytest.raises(NonFiniteError, match=r"update 7853 \(epoch 1964\): a parameter is not finite") as caught:
        list(train_epochs(trainer, lesson.training.epochs))
    # 7853 updates are 1963 epochs of four and the first example, (0, 0), of the next.
    assert caught.value.checkpoint.update == 4 * 1963 + 1
    before = start_session(lesson, update=7852)
    assert np.isfinite(before.record.parameters.vector).all()
    assert not np.isfinite(before.record.updated.vector).all()
    # The weighted sums had grown to 1e204 and 1e273; fed to v(1 - v) the second is too large for a number.
    assert np.abs(before.record.z[0]).max() > 1e200
    assert not np.isfinite(before.record.slope[0]).all()
    assert np.isfinite(before.record.dE_da[0]).all()


def test_the_walkthrough_is_told_in_the_cells_own_names() -> None:
    codes = [line.code for line in listing_lines(start_session(load("krzeminski-walkthrough")))]
    ordered = [
        "delta_l2 = (y - lay2) * dsigmoid(act2)",
        "w2 = w2 - eta * corr_w2",
        "delta_l1 = (delta_l2 @ w2.T) * dsigmoid(act1)",
        "w1 = w1 - eta * corr_w1",
    ]
    assert [code for code in codes if code in ordered] == ordered


# from-scratch-as-printed


def test_from_scratch_as_printed_takes_the_slope_of_a() -> None:
    lesson, done = load("from-scratch-as-printed"), first_pass("from-scratch-as-printed")
    assert lesson.convention.slope == "derivative_of_a"
    assert [figure.value for figure in lesson.printed] == [figure.value for figure in load("from-scratch").printed]
    assert len(lesson.errata) == len(load("from-scratch").errata) + 1
    assert done.delta[1].ravel().tolist() == pytest.approx([-0.014583397727759873, 0.022745315735545814], rel=1e-13)
    assert done.delta[0].ravel().tolist() == pytest.approx([-0.024687021322772822, 0.0, -0.03936434899373213])
    assert done.gradients.W[1].ravel().tolist() == pytest.approx(
        [-0.019439613747551526, 0.030319419432924963, 0.0, 0.0, -0.02101025306719806, 0.03276910145483268], rel=1e-13
    )
    assert done.gradients.W[0].ravel().tolist() == pytest.approx(
        [-0.012343510661386411, 0.0, -0.019682174496866066, 0.024687021322772822, 0.0, 0.03936434899373213], rel=1e-13
    )


# graph


def test_the_graph_learns_to_add() -> None:
    lesson = load("graph")
    trainer = trainer_of(lesson)
    losses = list(train_epochs(trainer, lesson.training.epochs))
    assert losses[-1] < 0.01 < losses[0]
    assert accuracy(trainer.network(), lesson.dataset) == 1.0


def test_the_graph_counts_its_nodes() -> None:
    voice = own_voice("graph")
    symbols = [voice.text(Quantity(kind, layer)) for layer in (0, 1) for kind in (Kind.Z, Kind.A)]
    assert symbols == ["f₁", "f₂", "f₃", "Ŷ"]
    assert voice.text(Quantity(Kind.LOSS)) == "f₅"
    assert voice.tex(Quantity(Kind.DW, 1)) == r"\frac{\partial f_{5}}{\partial W_{2}}"
    assert voice.tex(Quantity(Kind.DELTA, 0)) == r"\frac{\partial f_{5}}{\partial f_{1}}"
    codes = [line.code for line in listing_lines(start_session(load("graph")))]
    assert "z_1 = x @ w_1 + b_1" in codes
    assert "delta_2 = (2 * (activations_2 - y)) * tanh_deriv(z_2)" in codes
    assert "w_grad_1 = x.T @ delta_1" in codes
    assert "b_grad_1 = delta_1.sum(axis=0)" in codes
    told = lines(start_session(load("graph"), grain=Grain.LAYER))
    assert told[Quantity(Kind.Z, 1)] == "f₃ = f₂ W₂ + b₂"
    assert told[Quantity(Kind.DE_DA, 1)] == "∂f₅/∂Ŷ = 2(Ŷ − Y)"


def test_the_graph_of_a_deeper_network_goes_on_counting() -> None:
    voice = own_voice("softmax-deep", "graph")
    assert [voice.text(Quantity(Kind.A, layer)) for layer in range(4)] == ["f₂", "f₄", "f₆", "Ŷ"]
    assert voice.text(Quantity(Kind.Z, 3)) == "f₇"
    assert voice.text(Quantity(Kind.LOSS)) == "f₉"


def test_the_large_graph_opens() -> None:
    lesson = load("graph-20-50-10")
    assert lesson.dataset.inputs.shape == (1, 12, 20)
    assert lesson.dataset.targets.shape == (1, 12, 10)
    assert np.abs(lesson.dataset.targets).max() < 1
    session = start_session(lesson)
    parameters = 21 * 50 + 51 * 10
    assert session.record.architecture.parameter_count == parameters
    # A step each: sums and activations, ten errors and their total, dE/da, slope and delta, gradients, new parameters.
    assert session.trace.length(Grain.NEURON) == 2 * 60 + 10 + 1 + 3 * 60 + parameters + parameters
    # Before the number itself come its terms. z: products and bias; dE/da of a hidden neuron: what ten send back;
    # a gradient: what each of the twelve rows asks.
    terms = (parameters + 60) + 60 + 11 + (10 + 50 * 11) + 2 * 60 + 13 * parameters + parameters
    assert session.trace.length(Grain.TERM) == terms
    losses = list(train_epochs(trainer_of(lesson), 100))
    assert losses[-1] < 0.7 * losses[0]


# softmax

REWARDS = {
    "softmax": {
        0: (-2978.4302135821977, 0.3333333333333333),
        100: (-2854.22087319479, 0.3333333333333333),
        1000: (-2123.5021494612533, 0.4726666666666667),
        3000: (-1402.0877831303926, 0.6573333333333333),
    },
    "softmax-as-printed": {
        0: (-2978.4302135821977, 0.3333333333333333),
        100: (-2885.018567709182, 0.3333333333333333),
        1000: (-2251.04771817765, 0.3333333333333333),
        3000: (-1534.209843385007, 0.6066666666666667),
    },
}


@pytest.mark.parametrize("name", REWARDS)
def test_points_and_weights_come_from_one_generator(name: str) -> None:
    lesson = load(name)
    assert lesson.dataset.inputs.shape == (1, 1500, 2)
    assert lesson.dataset.inputs[0, :3].tolist() == [
        [1.764052345967664, -1.5998427916327767],
        [0.9787379841057392, 0.2408931992014578],
        [1.8675579901499675, -2.977277879876411],
    ]
    assert lesson.network.W[0].tolist() == [
        [1.5932736159500267, 0.5687223991204718, -0.11448704558920082],
        [0.25163024881989055, -1.21085563794359, -0.3937337116943893],
    ]
    assert lesson.network.b[0].tolist() == [0.08525257457038693, 0.09942198670854183, -1.5306162443986169]
    assert lesson.network.W[1].tolist() == [
        [0.3276231792347814, 0.27919649251421025, -0.3770512062727785],
        [0.004174999082500307, -1.4834915533680013, -1.4797956153243483],
        [0.1346872623382376, -0.667723190916164, -0.011555520224301364],
    ]
    assert lesson.network.b[1].tolist() == [0.8394906723176047, -0.17392993030515583, -2.810668054829197]
    assert lesson.convention.frozen == (("W2",) if name == "softmax-as-printed" else ())
    training = lesson.training
    assert (training.rates.learning_rate, training.epochs) == (1e-6, 100_000)
    assert (training.update_after, training.reduce) == ("batch", "sum")
    assert not lesson.printed, "the document's rewards come from a seed that it does not tell"


@pytest.mark.parametrize("name", REWARDS)
def test_rewards_and_rates_by_epoch(name: str) -> None:
    lesson = load(name)
    trainer = trainer_of(lesson)
    found = {}
    for epoch in range(max(REWARDS[name]) + 1):
        rate = accuracy(trainer.network(), lesson.dataset) if epoch in REWARDS[name] else None
        loss = trainer.run_epoch()
        if rate is not None:
            found[epoch] = (-loss * len(lesson.dataset), rate)
    assert found.keys() == REWARDS[name].keys()
    for epoch, expected in REWARDS[name].items():
        assert found[epoch] == pytest.approx(expected, rel=1e-9)
    moved = not np.array_equal(trainer.network().W[1], lesson.network.W[1])
    assert moved == (name == "softmax")


def test_the_deep_network_learns() -> None:
    lesson = load("softmax-deep")
    trainer = trainer_of(lesson)
    losses = list(train_epochs(trainer, lesson.training.epochs))
    assert losses[-1] < 0.1 < 1.0 < losses[0]


def test_the_likelihood_is_told_as_what_is_climbed() -> None:
    session = start_session(load("softmax"), grain=Grain.NEURON)
    voice, record = voice_of(session), session.record
    assert voice.shows_reward
    assert voice.number(Quantity(Kind.LOSS)) == -float(record.loss[0]) < 0
    assert np.array_equal(voice.value(Quantity(Kind.ERROR)), -record.error[0, 0])
    assert voice.value(Quantity(Kind.ERROR_PASS)) == -float(record.loss[0])
    told = lines(session)
    assert told[Quantity(Kind.ERROR, None, 0)] == "J₁ = t₁ ln y₁"
    assert told[Quantity(Kind.LOSS)] == "J = J₁ + J₂ + J₃"
    assert told[Quantity(Kind.DELTA, 1, 0)] == "∂J/∂a₁ = t₁ − y₁"
    assert told[Quantity(Kind.W_NEW, 1, 0, 0)] == "V₁₁ ← V₁₁ + η ∂J/∂V₁₁"
    whole = [*lines(start_session(load("softmax"), grain=Grain.PASS)).values()]
    assert whole[1:] == ["J = Σₖ tₖ ln yₖ", "∇J = (∂J/∂W, ∂J/∂b, ∂J/∂V, ∂J/∂c)", "θ ← θ + η ∇J"]
    codes = [line.code for line in listing_lines(session)]
    assert "reward_each = T * log_softmax(A)" in codes
    assert "dA = T - Y" in codes
    assert "derivative_v = Z.T @ dA" in codes
    assert "V = V + learning_rate * derivative_v" in codes


def test_in_another_notation_it_is_a_loss_again() -> None:
    voice = own_voice("softmax", "standard")
    assert voice.number(Quantity(Kind.LOSS)) == float(voice.record.loss[0]) > 0
    assert lines(start_session(load("softmax"), notation=load_notation("standard")))[
        Quantity(Kind.ERROR, None, 0)
    ] == "E₁ = −t₁ ln a⁽²⁾₁"  # fmt: skip


LOSSES = {
    "half_squared": ("J = −½(t − y)²", "reward = -0.5 * (T - Y)**2"),
    "squared": ("J = −(t − y)²", "reward = -(T - Y)**2"),
    "mean_squared": ("J = −1/1(t − y)²", "reward = -(T - Y)**2 / 1"),
    "binary_cross_entropy": (
        "J = [t ln y + (1 − t) ln(1 − y)]",
        "reward = T * log_sigmoid(A) + (1 - T) * log_sigmoid(-A)",
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_its_reward(loss: str) -> None:
    lesson = load("koehn", [f"network.loss={loss}"])
    for grain in (Grain.LAYER, Grain.NEURON):
        session = start_session(lesson, grain=grain, notation=load_notation("softmax"))
        quantity = Quantity(Kind.LOSS)
        assert lines(session)[quantity] == LOSSES[loss][0]
        assert voice_of(session).number(quantity) == -float(session.record.loss[0])
    assert LOSSES[loss][1] in [line.code for line in listing_lines(session)]


def test_the_softmax_card_says_reward() -> None:
    session = start_session(load("softmax"))
    assert card_at(session, Quantity(Kind.LOSS)).title == "Reward of the example"
    assert card_at(session, Quantity(Kind.ERROR, None, 1)).title == "Reward of y₂"
    text = card_at(session, Quantity(Kind.DELTA, 1, 0)).text
    assert text.endswith("The document uses gradient ascent on J. The gradient of −J is −0.067059.")
    matrix = card_at(replace(session, grain=Grain.LAYER), Quantity(Kind.DW, 1)).text
    assert matrix.endswith("The document uses gradient ascent on J, so the sign is that of ascent.")
    total = next(step for step in session.trace.at(Grain.NEURON) if step.kind is Kind.LOSS)
    general = sentence(voice_of(session), total)
    assert general == "A single number that says how good the network is on this example. Training makes it larger."
    one = start_session(load("koehn"), notation=load_notation("softmax"))
    assert card_at(one, Quantity(Kind.LOSS)).text.startswith("There is a single output, so its reward is the total. ")


def test_softmax_names_in_both_depths() -> None:
    shallow, deep = own_voice("softmax"), own_voice("softmax-deep")
    assert [shallow.text(Quantity(Kind.WEIGHT, layer)) for layer in (0, 1)] == ["W", "V"]
    assert [shallow.text(Quantity(Kind.BIAS, layer)) for layer in (0, 1)] == ["b", "c"]
    assert [shallow.text(Quantity(Kind.Z, layer, 1)) for layer in (0, 1)] == ["a¹₂", "a₂"]
    assert [shallow.text(Quantity(Kind.A, layer, 1)) for layer in (0, 1)] == ["z₂", "y₂"]
    assert [deep.text(Quantity(Kind.WEIGHT, layer)) for layer in range(4)] == ["W⁰", "W¹", "W²", "W³"]
    assert [deep.text(Quantity(Kind.A, layer)) for layer in range(4)] == ["z¹", "z²", "z³", "y"]
    assert deep.text(Quantity(Kind.Z, 3)) == "a"
    assert deep.code(Quantity(Kind.DELTA, 3)) == "dA"


# The formats' extensions


def notation(**tables: object) -> Notation:
    return parse_notation(tables, "mine")


def test_numbers_are_counted_from_the_layer() -> None:
    written = notation(tex={"z": "f_{<2l-1>}", "a": "g_{<3l+2>}", "W": "W^{<l-1>}", "loss": "f_{<2L+1>}", "b": "b_<L>"})
    assert [written.tex_pattern("z", layer, 3) for layer in range(3)] == ["f_{1}", "f_{3}", "f_{5}"]
    assert written.tex_pattern("a", 1, 3) == "g_{8}"
    assert written.tex_pattern("W", 0, 3) == "W^{0}"
    assert written.tex_pattern("loss", None, 3) == "f_{7}"
    assert written.tex_pattern("b", 0, 3) == "b_3"
    assert notation(first_layer=2, tex={"z": "z_<2l>", "loss": "E_<L>"}).tex_pattern("z", 0, 2) == "z_4"
    assert notation(first_layer=2, tex={"loss": "E_<L>"}).tex_pattern("loss", None, 2) == "E_3"


def test_the_last_layer_has_names_of_its_own() -> None:
    written = notation(tex={"a": "h_<l>"}, output={"tex": {"a": "y"}, "code": {"a": "y_hat"}})
    assert [written.tex_pattern("a", layer, 3) for layer in range(3)] == ["h_1", "h_2", "y"]
    assert written.code_name("a", 2, 3) == "y_hat"
    listed = notation(tex={"a": ["p", "q"]}, output={"tex": {"a": "y"}})
    assert [listed.tex_pattern("a", layer, 2) for layer in range(2)] == ["p", "q"], "a list of that depth comes first"
    assert listed.tex_pattern("a", 2, 3) == "y"
    assert notation(output={"tex": {"a": "y"}}).tex_pattern("a", 0, 1) == "y"


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"reward": 1}, "reward: must be true or false"),
        ({"tex": {"z": "<2k>"}}, "tex.z: <2k> is not a quantity"),
        ({"tex": {"loss": "f_<2l>"}}, "tex.loss: 'f_<2l>' has a layer's number, but loss has no layer"),
        ({"code": {"z": "f<l-1>-"}}, "code.z: 'f<l-1>-' is not a valid variable name"),
        ({"output": {"tax": {}}}, "output.tax: unknown; did you mean 'tex'?"),
        ({"output": {"tex": {"a": ["y", "y"]}}}, "output.tex.a: must be a single name, for the last layer"),
        ({"output": {"tex": {"loss": "J"}}}, r"output.tex.loss: belongs to no layer; name it in \[tex\]"),
        ({"output": {"code": {"a": "y hat"}}}, "output.code.a: 'y hat' is not a valid variable name"),
    ],
)
def test_a_wrong_notation_is_refused(tables: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        notation(**tables)


@pytest.mark.parametrize("name", lesson_names())
def test_every_kind_of_step_has_a_caption(name: str) -> None:
    lesson = load(name)
    captions = lesson.captions
    is_recurrent = lesson.network.architecture.is_recurrent
    without = set() if lesson.network.architecture.has_biases else {"db", "b_new"}
    assert set(captions) == {*KINDS, *(LOOP_KINDS if is_recurrent else ())} - without
    for text in captions.values():
        assert text == text.strip()
        assert text.endswith(".")
        assert len(text) < 240
    assert isinstance(captions, MappingProxyType)


def captioned(extra: str) -> str:
    return f"""format = 1
title = "captions"
[network]
inputs = 1
[[network.layers]]
units = 1
W = [[1]]
b = [0]
[data]
inputs = [[1]]
targets = [[0]]
[captions]
{extra}
"""


def faults(text: str) -> Iterator[str]:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "c.toml")
    yield from str(caught.value).split("\n")


def test_captions_are_optional_one_by_one() -> None:
    assert dict(parse_lesson(captioned('delta = "Down."'), "c.toml").captions) == {"delta": "Down."}
    assert dict(parse_lesson(captioned(""), "c.toml").captions) == {}


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('detla = "x"', "c.toml:13: captions.detla: unknown key; known keys are z, a, error, loss, dE_da, slope, "),
        ("z = 1", "c.toml:13: captions.z: 1 is not a text in quotes"),
        ('z = " "', "c.toml:13: captions.z: empty; write a few words"),
        ('z = "two\\nlines"', "c.toml:13: captions.z: must be on one line, without control characters"),
    ],
)
def test_wrong_captions_are_refused(extra: str, message: str) -> None:
    (fault,) = faults(captioned(extra))
    assert fault.startswith(message)
    assert fault.endswith("did you mean 'delta'?") == extra.startswith("detla")


def test_the_card_tells_the_lessons_own_caption() -> None:
    session = start_session(load("krzeminski-walkthrough"))
    told = card_at(session, Quantity(Kind.SLOPE, 1, 0))
    assert told.text == session.lesson.captions["slope"]
    assert "v is the weighted sum" in told.text


def test_captions_are_told_only_of_what_they_are_true_of() -> None:
    lesson = load("koehn")
    session = start_session(lesson)
    assert captions_of(session) == lesson.captions
    assert captions_of(choose_notation(session, load_notation("standard"))) == {}
    assert captions_of(choose_training(session, replace(lesson.training, optimizer="adam"))) == {}
    faster = replace(lesson.training, rates=replace(lesson.training.rates, learning_rate=2.0))
    assert captions_of(choose_training(session, faster)) == lesson.captions
    for change in ('convention.step="uphill"', 'network.layers[1].activation="tanh"', 'training.update_after="batch"'):
        assert load("koehn", [change]).captions == {}
    assert load("koehn", ["training.learning_rate=0.5", "data.example=0"]).captions == lesson.captions
    assert load("krzeminski-sgd", ["network.init.seed=0"]).captions


@pytest.mark.parametrize("name", lesson_names())
def test_a_bundled_lesson_has_a_sentence_and_topics(name: str) -> None:
    lesson = load(name)
    assert len(lesson.summary.split()) >= 5
    assert lesson.summary[-1] in ".?"
    assert lesson.topics
    assert set(lesson.topics) <= set(TOPICS)
    assert ("Recurrent" in lesson.topics) == lesson.network.architecture.is_recurrent
    assert ("Softmax" in lesson.topics) == (lesson.network.architecture.layers[-1].activation == "softmax")
    (short,) = (each for each in lesson_summaries() if each.name == name)
    assert (short.summary, short.topics) == (lesson.summary, lesson.topics)
