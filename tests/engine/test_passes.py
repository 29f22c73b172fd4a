"""Single passes against the documents' figures and against passes worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from strategies import Problem, conventions, problems, rules

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.network import Architecture, Layer, Network, join_parameters, make_network
from nnviz.engine.optimizers import OPTIMIZERS, Rates, UpdateRule
from nnviz.engine.passes import predict, run_pass
from nnviz.engine.record import PassRecord


def close(expected: object) -> object:
    return pytest.approx(np.array(expected), abs=1e-12)


def batch(*rows: list[float]) -> FloatArray:
    """Examples as the engine takes them: one time step, (1, examples, units)."""
    return np.array([rows], dtype=float)


def step(
    network: Network, x: FloatArray, t: FloatArray, rule: UpdateRule | None = None, **choices: object
) -> PassRecord:
    return run_pass(network, x, t, Convention(**choices), rule or UpdateRule())  # type: ignore[arg-type]


@dataclass(frozen=True)
class Row:
    """One row of Koehn's xor in the document's signs (delta is the descent) and orientation (units, inputs)."""

    x: list[float]
    t: float
    z: list[list[float]]
    a: list[list[float]]
    loss: float
    slope: list[list[float]]
    delta: list[list[float]]
    d_error_d_h: list[float]
    change_of_W: list[list[list[float]]]
    change_of_b: list[list[float]]
    W_new: list[list[list[float]]]
    b_new: list[list[float]]


KOEHN_ROWS = [
    Row(
        x=[1.0, 0.0],
        t=1.0,
        z=[[1.0, -2.0], [1.0592782830394367]],
        a=[[0.7310585786300049, 0.11920292202211755], [0.7425526000982021]],
        loss=0.03313958185809812,
        slope=[[0.19661193324148185, 0.1049935854035065], [0.19116823618560164]],
        delta=[[0.04838203385691257, -0.02583669831226368], [0.04921576534979593]],
        d_error_d_h=[0.24607882674897966, -0.24607882674897966],
        change_of_W=[
            [[0.04838203385691257, 0.0], [-0.02583669831226368, -0.0]],
            [[0.035979607462809655, 0.005866663039250559]],
        ],
        change_of_b=[[0.04838203385691257, -0.02583669831226368], [0.04921576534979593]],
        W_new=[[[3.0483820338569125, 4.0], [1.9741633016877362, 3.0]], [[5.03597960746281, -4.99413333696075]]],
        b_new=[[-1.9516179661430875, -4.025836698312264], [-1.950784234650204]],
    ),
    Row(
        x=[0.0, 0.0],
        t=0.0,
        z=[[-2.0, -4.0], [-1.4939164396998699]],
        a=[[0.11920292202211755, 0.01798620996209156], [0.1833346187937938]],
        loss=0.016805791224132848,
        slope=[[0.1049935854035065, 0.017662706213291118], [0.1497230363455281]],
        delta=[[-0.01441006290672331, 0.0024241548343961724], [-0.027449415793056733]],
        d_error_d_h=[-0.13724707896528365, 0.13724707896528365],
        change_of_W=[[[-0.0, -0.0], [0.0, 0.0]], [[-0.0032720505703324235, -0.0004937109557906704]]],
        change_of_b=[[-0.01441006290672331, 0.0024241548343961724], [-0.027449415793056733]],
        W_new=[[[3.0, 4.0], [2.0, 3.0]], [[4.996727949429667, -5.000493710955791]]],
        b_new=[[-2.014410062906723, -3.997575845165604], [-2.0274494157930567]],
    ),
    Row(
        x=[0.0, 1.0],
        t=1.0,
        z=[[2.0, -1.0], [1.0592782830394363]],
        a=[[0.8807970779778823, 0.2689414213699951], [0.742552600098202]],
        loss=0.03313958185809815,
        slope=[[0.10499358540350662, 0.19661193324148185], [0.1911682361856017]],
        delta=[[0.025836698312263724, -0.04838203385691261], [0.04921576534979597]],
        d_error_d_h=[0.24607882674897985, -0.24607882674897985],
        change_of_W=[
            [[0.0, 0.025836698312263724], [-0.0, -0.04838203385691261]],
            [[0.0433491023105454, 0.013236157886986283]],
        ],
        change_of_b=[[0.025836698312263724, -0.04838203385691261], [0.04921576534979597]],
        W_new=[[[3.0, 4.025836698312264], [2.0, 2.9516179661430875]], [[5.043349102310545, -4.986763842113014]]],
        b_new=[[-1.9741633016877362, -4.048382033856913], [-1.950784234650204]],
    ),
    Row(
        x=[1.0, 1.0],
        t=0.0,
        z=[[5.0, 1.0], [-0.6887571477714483]],
        a=[[0.9933071490757153, 0.7310585786300049], [0.334309608920932]],
        loss=0.05588145730843324,
        slope=[[0.006648056670790033, 0.19661193324148185], [0.22254669430406548]],
        delta=[[-0.002473060406194675, 0.07313914600356694], [-0.07439949833943833]],
        d_error_d_h=[-0.37199749169719165, 0.37199749169719165],
        change_of_W=[
            [[-0.002473060406194675, -0.002473060406194675], [0.07313914600356694, 0.07313914600356694]],
            [[-0.0739015535882109, -0.0543903915068152]],
        ],
        change_of_b=[[-0.002473060406194675, 0.07313914600356694], [-0.07439949833943833]],
        W_new=[
            [[2.997526939593805, 3.997526939593805], [2.073139146003567, 3.073139146003567]],
            [[4.926098446411789, -5.054390391506815]],
        ],
        b_new=[[-2.002473060406195, -3.926860853996433], [-2.0743994983394383]],
    ),
]
SIGMOIDS = (Layer(2, "sigmoid"), Layer(1, "sigmoid"))


def koehn() -> Network:
    architecture = Architecture(2, SIGMOIDS, "half_squared")
    return join_parameters(architecture, W=[[[3, 2], [4, 3]], [[5], [-5]]], b=[[-2, -4], [-2]])


@pytest.mark.parametrize("row", KOEHN_ROWS, ids=lambda row: f"{row.x[0]:.0f}{row.x[1]:.0f}")
def test_koehns_xor(row: Row):
    record = step(koehn(), batch(row.x), batch([row.t]))
    assert record.loss == close([row.loss])
    assert record.dE_da[0][0, 0] == close(np.negative(row.d_error_d_h))
    for layer in range(2):
        assert record.z[layer][0, 0] == close(row.z[layer])
        assert record.a[layer][0, 0] == close(row.a[layer])
        assert record.slope[layer][0, 0] == close(row.slope[layer])
        assert record.delta[layer][0, 0] == close(np.negative(row.delta[layer]))
        assert record.gradients.W[layer] == close(-np.transpose(row.change_of_W[layer]))
        assert record.gradients.b[layer] == close(np.negative(row.change_of_b[layer]))
        assert record.updated.W[layer] == close(np.transpose(row.W_new[layer]))
        assert record.updated.b[layer] == close(row.b_new[layer])


def test_koehns_printed_figures():
    record = step(koehn(), batch([1, 0]), batch([1]))
    assert f"{record.a[1][0, 0, 0]:.7f}" == "0.7425526"
    assert [f"{-gradient:.8f}" for gradient in record.gradients.W[1].ravel()] == ["0.03597961", "0.00586666"]


def from_scratch() -> Network:
    architecture = Architecture(2, (Layer(3, "relu"), Layer(2, "sigmoid")), "half_squared")
    W1 = [
        [1.1485856216352066, -0.43257710852633086, -0.37347382765667075],
        [-0.7587033887270146, 0.6119356031860542, -1.6274336197272976],
    ]
    W2 = [
        [1.0073675417556107, -0.4394830091407884],
        [0.18419730799058073, -0.14397405340980077],
        [0.8441484110372043, -1.1894227931969772],
    ]
    return join_parameters(architecture, W=[W1, W2], b=[[0, 0, 0], [0, 0]])


def test_from_scratch_forward():
    record = step(from_scratch(), batch([0.5, -1.0]), batch([1.0, 0.0]))
    assert record.z[0][0, 0] == close([1.3329961995446178, -0.8282241574492196, 1.4406967058989621])
    assert record.a[0][0, 0] == close([1.3329961995446178, 0.0, 1.4406967058989621])
    assert record.z[1][0, 0] == close([2.5589789397759763, -2.299426681029131])
    assert record.a[1][0, 0] == close([0.9281744168053285, 0.09117045417567274])
    assert record.loss == close([0.006735483057926558])


FROM_SCRATCH = {
    "exact": {
        "delta_3": [[-0.004788372365733167, 0.0075542381846468235]],
        "delta_2": [[-0.008143610228233952, -0.0, -0.013027280006046]],
        "dW2": [
            [-0.006382882165526782, 0.010069770790589048],
            [0.0, 0.0],
            [-0.006898592293929394, 0.010883366068196834],
        ],
        "dW1": [[-0.004071805114116976, 0.0, -0.006513640003023], [0.008143610228233952, 0.0, 0.013027280006046]],
    },
    "derivative_of_a": {  # as the document's code has it: the slope is taken at the activation
        "delta_3": [[-0.014583397727759873, 0.022745315735545814]],
        "delta_2": [[-0.024687021322772822, -0.0, -0.03936434899373213]],
        "dW2": [[-0.019439613747551526, 0.030319419432924963], [0.0, 0.0], [-0.02101025306719806, 0.03276910145483268]],
        "dW1": [[-0.012343510661386411, 0.0, -0.019682174496866066], [0.024687021322772822, 0.0, 0.03936434899373213]],
    },
}


@pytest.mark.parametrize("slope", sorted(FROM_SCRATCH))
def test_from_scratch_backward(slope: str):
    record = step(from_scratch(), batch([0.5, -1.0]), batch([1.0, 0.0]), slope=slope)
    figures = FROM_SCRATCH[slope]
    assert record.delta[1][0] == close(figures["delta_3"])
    assert record.delta[0][0] == close(figures["delta_2"])
    assert record.gradients.W[1] == close(figures["dW2"])
    assert record.gradients.W[0] == close(figures["dW1"])


def chain(w1: float = 2.0, b1: float = 0.5, w2: float = -3.0, b2: float = 1.0) -> Network:
    """A linear 1-1-1 net with squares for an error: every number can be worked out in the head."""
    architecture = Architecture(1, (Layer(1, "linear"), Layer(1, "linear")), "half_squared")
    return join_parameters(architecture, W=[[[w1]], [[w2]]], b=[[b1], [b2]])


HALF = UpdateRule(rates=Rates(learning_rate=0.5))


def test_a_pass_by_hand():
    # z1 = 2*1 + 0.5 = 2.5, z2 = -3*2.5 + 1 = -6.5, error = (-6.5 - -6)^2 / 2 = 0.125
    record = step(chain(), batch([1]), batch([-6]), HALF)
    assert [z.item() for z in record.z] == [2.5, -6.5]
    assert record.error.item() == 0.125
    # delta2 = -6.5 + 6 = -0.5, dE/da1 = -3 * -0.5 = 1.5 = delta1
    assert [delta.item() for delta in record.delta] == [1.5, -0.5]
    # dE/dw1 = 1 * 1.5, dE/db1 = 1.5, dE/dw2 = 2.5 * -0.5 = -1.25, dE/db2 = -0.5
    assert record.gradients.vector.tolist() == [1.5, 1.5, -1.25, -0.5]
    # each minus half its gradient: 2 - 0.75, 0.5 - 0.75, -3 + 0.625, 1 + 0.25
    assert record.updated.vector.tolist() == [1.25, -0.25, -2.375, 1.25]


def test_uphill_adds_what_downhill_subtracts():
    record = step(chain(), batch([1]), batch([-6]), HALF, step="uphill")
    assert record.gradients.vector.tolist() == [1.5, 1.5, -1.25, -0.5]
    assert record.updated.vector.tolist() == [2.75, 1.25, -3.625, 0.75]


def test_sequential_carries_delta_back_through_the_new_weight():
    # w2 becomes -3 + 0.625 = -2.375 first, so dE/da1 = -2.375 * -0.5 = 1.1875; w1 = 2 - 0.59375, b1 = 0.5 - 0.59375
    record = step(chain(), batch([1]), batch([-6]), HALF, update="sequential")
    assert record.weights_carried_back(1).item() == -2.375
    assert record.dE_da[0].item() == record.delta[0].item() == 1.1875
    assert record.gradients.vector.tolist() == [1.1875, 1.1875, -1.25, -0.5]
    assert record.updated.vector.tolist() == [1.40625, -0.09375, -2.375, 1.25]


def test_sequential_and_uphill_as_in_the_walkthrough():
    # uphill w2 = -3 - 0.625 = -3.625, dE/da1 = -3.625 * -0.5 = 1.8125, w1 = 2 + 0.90625
    record = step(chain(), batch([1]), batch([-6]), HALF, update="sequential", step="uphill")
    assert record.dE_da[0].item() == 1.8125
    assert record.updated.W[0].item() == 2.90625


def test_slope_as_the_product_of_z():
    # z = 2, a = s(2); v(1 - v) of z is 2 * (1 - 2) = -2, so delta = (a - 1) * -2
    network = join_parameters(Architecture(1, (Layer(1, "sigmoid"),), "half_squared"), W=[[[2]]], b=[[0]])
    record = step(network, batch([1]), batch([1]), slope="product_of_z")
    assert record.slope[0].item() == -2
    assert record.delta[0].item() == (record.a[0].item() - 1) * -2


@pytest.mark.parametrize(
    ("frozen", "moves"),
    [
        (("b1",), [True, False, True, True]),
        (("W2",), [True, True, False, True]),
        (("weights",), [False, True, False, True]),
        (("biases", "W1"), [False, False, True, False]),
        (("biases", "weights"), [False, False, False, False]),
    ],
)
@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_what_is_frozen_stays_and_its_gradient_is_told(frozen: tuple[str, ...], moves: list[bool], update: str):
    rule = UpdateRule("momentum", Rates(learning_rate=0.5))
    record = step(chain(), batch([1]), batch([-6]), rule, frozen=frozen, update=update)
    moved = record.updated.vector != record.parameters.vector
    assert moved.tolist() == moves
    assert (record.memory_after[0] != 0).tolist() == moves  # nor does the optimizer's memory take it in
    assert (record.gradients.vector != 0).all()


def test_a_batch_is_summed_or_averaged():
    # x = 1, t = -6: gradients 1.5, 1.5, -1.25, -0.5 as above.
    # x = 0, t = 0: z1 = 0.5, z2 = -0.5, delta2 = -0.5, delta1 = 1.5: gradients 0, 1.5, -0.25, -0.5
    x, t = batch([1], [0]), batch([-6], [0])
    summed = step(chain(), x, t, UpdateRule(reduce="sum"))
    averaged = step(chain(), x, t, UpdateRule(reduce="mean"))
    assert summed.gradients.vector.tolist() == [1.5, 3.0, -1.5, -1.0]
    assert averaged.gradients.vector.tolist() == [0.75, 1.5, -0.75, -0.5]
    assert summed.loss.tolist() == averaged.loss.tolist() == [0.125, 0.125]


def test_mean_squared_averages_over_outputs():
    # y = (1, 3), t = (0, 0): errors 1/2 and 9/2, dE/dy = 2/2 (1, 3)
    network = join_parameters(Architecture(1, (Layer(2, "linear"),), "mean_squared"), W=[[[1, 3]]], b=[[0, 0]])
    record = step(network, batch([1]), batch([0, 0]))
    assert record.error[0, 0].tolist() == [0.5, 4.5]
    assert record.dE_da[0][0, 0].tolist() == [1, 3]


def test_softmax_with_cross_entropy_takes_one_step():
    # z = (0, 0): y = (1/2, 1/2), delta = y - t, error = ln 2 for the class that is meant
    network = join_parameters(Architecture(1, (Layer(2, "softmax"),), "cross_entropy"), W=[[[0, 0]]], b=[[0, 0]])
    record = step(network, batch([1]), batch([0, 1]))
    assert record.fused
    assert record.delta[0][0, 0].tolist() == [0.5, -0.5]
    assert record.error[0, 0] == close([0.0, 0.6931471805599453])
    assert not step(network, batch([1]), batch([0, 1]), slope="derivative_of_a").fused


def test_softmax_times_the_sum_of_targets():
    # Targets that sum to 2: delta = 2y - t = (1 - 1.5, 1 - 0.5)
    network = join_parameters(Architecture(1, (Layer(2, "softmax"),), "cross_entropy"), W=[[[0, 0]]], b=[[0, 0]])
    assert step(network, batch([1]), batch([1.5, 0.5])).delta[0][0, 0].tolist() == [-0.5, 0.5]


@given(problems(), conventions(), rules())
def test_a_pass_leaves_everything_as_it_was(problem: Problem, convention: Convention, rule: UpdateRule):
    network = problem.network
    memory = np.ones((len(OPTIMIZERS[rule.optimizer].memory), network.architecture.parameter_count))
    given_arrays = (network.parameters.vector, problem.x, problem.t, memory)
    copies = [array.copy() for array in given_arrays]
    record = run_pass(network, problem.x, problem.t, convention, rule, memory=memory)
    assert all(np.array_equal(array, copy, equal_nan=True) for array, copy in zip(given_arrays, copies, strict=True))
    assert (record.memory == 1).all()
    assert not np.shares_memory(record.parameters.vector, record.updated.vector)


@given(problems(), conventions(), rules())
def test_a_record_is_read_only_and_in_order(problem: Problem, convention: Convention, rule: UpdateRule):
    record = run_pass(problem.network, problem.x, problem.t, convention, rule)
    layers = (*record.z, *record.a, *record.dE_da, *record.slope, *record.delta)
    parameters = (record.parameters, record.gradients, record.updated)
    views = [array for p in parameters for array in (p.vector, *p.W, *p.b)]
    views += [array for p in parameters for array in (*p.W_h, *p.b_h) if array is not None]
    for array in (*layers, *views, record.x, record.t, record.error, record.loss, record.memory, record.memory_after):
        assert not array.flags.writeable
        assert array.flags.c_contiguous
    assert (record.x == problem.x).all()
    assert np.array_equal(record.t, problem.t, equal_nan=True)
    assert [z.shape for z in record.z] == [
        (*problem.x.shape[:2], units) for units in problem.network.architecture.sizes[1:]
    ]


@given(problems(), conventions(), rules())
def test_the_layout_of_what_is_given_changes_no_bit(problem: Problem, convention: Convention, rule: UpdateRule):
    there_and_back = np.asfortranarray(problem.x), np.asfortranarray(problem.t)
    one = run_pass(problem.network, problem.x, problem.t, convention, rule)
    other = run_pass(problem.network, *there_and_back, convention, rule)
    assert one.updated.vector.tobytes() == other.updated.vector.tobytes()
    assert one.error.tobytes() == other.error.tobytes()


@given(problems())
def test_predict_gives_what_a_pass_gives(problem: Problem):
    record = run_pass(problem.network, problem.x, problem.t, Convention(), UpdateRule())
    assert predict(problem.network, problem.x).tobytes() == record.a[-1].tobytes()


def test_what_is_not_finite_is_recorded_and_not_hidden():
    network = make_network(Architecture(1, (Layer(1, "relu"),), "half_squared"), [np.inf, -np.inf])
    record = step(network, batch([1]), batch([1]))
    assert np.isnan(record.z[0].item())
    assert np.isnan(record.loss.item())


def test_an_examples_place_and_the_updates_number_are_kept():
    record = run_pass(chain(), batch([1], [0]), batch([0], [0]), Convention(), HALF, examples=(7, 3), row=1, count=5)
    assert (record.examples, record.row, record.count, record.time_steps) == ((7, 3), 1, 5, 1)
    assert replace(record, row=0).row == 0
