"""Suggestions for unknown words: other libraries' names for what nnviz has and has not, and slips of the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

_LONGEST = 60  # characters of a word that are looked at

# The names of nnviz, each with other names for the same. They are compared without regard to case, "_" and "-".
_OTHER_NAMES: dict[str, str] = {
    # activations
    "sigmoid": "logistic expit logsig logistic_sigmoid sigm",
    "tanh": "tansig hyperbolic_tangent",
    "relu": "rectifier rectified_linear rect ramp poslin",
    "leaky_relu": "lrelu leaky",
    "linear": "identity lin purelin none no_activation",
    "softmax": "normalized_exponential soft_arg_max",
    "softplus": "smooth_relu",
    "silu": "swish",
    "step": "unit_step heaviside heaviside_step binary_step hardlim threshold perceptron",
    "sine": "sin sinus",
    "bipolar_sigmoid": "bipolar",
    "elu": "exponential_linear exponential_linear_unit",
    # losses
    "mean_squared": "mse mse_loss mean_squared_error",
    "squared": "sse l2 l2_loss sum_of_squares sum_squared_error squared_error",
    "half_squared": "half_mse half_sse half_squared_error quadratic half_square",
    "cross_entropy": "categorical_crossentropy sparse_categorical_crossentropy nll nll_loss ce xent softmax_loss "
    "negative_log_likelihood log_likelihood cross_entropy_loss softmax_cross_entropy",
    "binary_cross_entropy": "bce bce_loss bce_with_logits bce_with_logits_loss log_loss logistic_loss "
    "sigmoid_cross_entropy",
    "mean_absolute": "mae l1_loss mean_absolute_error",
    "absolute": "l1 absolute_error sum_absolute",
    "hinge": "hinge_loss",
    # optimizers
    "sgd": "gd gradient_descent stochastic_gradient_descent vanilla batch_gradient_descent plain",
    "momentum": "sgdm sgd_momentum sgd_with_momentum heavy_ball mu",
    "nesterov": "nag nesterov_momentum nesterov_accelerated_gradient",
    # initializers
    "xavier": "glorot glorot_uniform glorot_normal xavier_uniform xavier_normal",
    "he": "kaiming he_normal he_uniform kaiming_normal kaiming_uniform",
    "normal": "gaussian randn random_normal",
    "uniform": "rand random random_uniform",
    "zero": "zeros",
    "drawn": "random",
    # keys of lesson files, and settings
    "learning_rate": "lr eta learn_rate step_size rate learning_rate_init",
    "update_after": "batch_size minibatch mini_batch mini_batch_size batch batching",
    "reduce": "reduction",
    "optimizer": "optimiser opt solver trainer algorithm optim",
    "epochs": "n_epochs num_epochs epoch iterations n_iter max_iter max_epochs iters",
    "shuffle": "shuffled shuffling",
    "seed": "random_state random_seed rng rng_seed",
    "eps": "epsilon",
    "alpha": "rho",
    "weight_decay": "l2_penalty l2 lambda wd",
    "l1": "l1_penalty lasso",
    "clip": "clip_norm max_norm grad_clip gradient_clip clip_grad_norm",
    "schedule": "lr_schedule lr_scheduler scheduler",
    "decay": "gamma decay_rate lr_decay",
    "decay_every": "step_every decay_steps",
    "negative_slope": "leak slope_below leakiness",
    "units": "hidden nodes neurons size n_units num_units width out_features hidden_units n_neurons outputs",
    "activation": "activation_function act activation_fn nonlinearity transfer_function func function",
    "W": "weights weight kernel w_matrix",
    "b": "bias biases offset threshold thresholds intercept",
    "W_h": "recurrent_weights recurrent_kernel hidden_weights recurrent_weight whh w_hh u",
    "b_h": "recurrent_bias hidden_bias bhh b_hh",
    "recurrent": "rnn is_recurrent return_sequences",
    "inputs": "input n_inputs num_inputs input_size in_features input_dim n_in x features samples",
    "targets": "target t y labels label outputs output expected desired",
    "layers": "layer hidden_layers hidden hidden_layer_sizes sizes architecture",
    "loss": "loss_function cost cost_function criterion objective error_function loss_fn error",
    "init": "initializer initialization initialisation initialiser weight_init kernel_initializer",
    "scheme": "initializer initialization method distribution",
    "file": "csv path filename file_name csv_file",
    "title": "name heading",
    "summary": "description abstract sentence",
    "topics": "topic tags tag keywords categories",
    "source": "author origin reference url",
    "errata": "erratum",
    "printed": "figures results expected",
    "captions": "caption",
    # values of keys
    "example": "online stochastic single each sample",
    "mean": "average avg",
    "sum": "total add",
    "gradient": "grad",
    # commands
    "continue": "run resume cont",
    "out": "finish up",
    "quit": "exit bye stop q!",
    "run-to": "until runto advance",
    "reverse-continue": "rewind",
    "train": "fit learn",
    "check": "validate verify lint",
    "find": "search locate",
    "print": "show display echo",
    "break": "breakpoint stop_at",
    "help": "man usage",
    "update": "iteration",
    "epoch": "round",
    # names in expressions
    "log": "ln",
    "norm": "length magnitude",
    "argmax": "arg_max",
    "isfinite": "is_finite finite",
    "nonfinite": "isnan isinf is_nan nan inf",
    "output": "prediction y_hat yhat out",
}


@dataclass(frozen=True)
class _Absent:
    """Words for rules that nnviz does not have: what they belong to, a rule of that sort, and each word's full name."""

    sort: str
    rule: str
    names: dict[str, str]


_ABSENT = (
    _Absent(
        "activations",
        "relu",
        {
            "sign signum": "the sign function",
            "selu": "SELU",
            "celu": "CELU",
            "prelu": "PReLU",
            "rrelu": "RReLU",
            "relu6": "ReLU6",
            "crelu": "CReLU",
            "mish": "Mish",
            "glu geglu reglu swiglu": "a gated linear unit",
            "hard_tanh htanh": "hard tanh",
            "hard_sigmoid": "hard sigmoid",
            "hard_swish": "hard swish",
            "hard_shrink soft_shrink tanh_shrink": "a shrinkage function",
            "log_sigmoid": "log-sigmoid",
            "log_softmax": "log-softmax",
            "softmin": "softmin",
            "softsign": "softsign",
            "sparsemax": "sparsemax",
            "maxout": "maxout",
            "cos cosine": "a cosine",
            "exp exponential": "the exponential",
            "gaussian rbf radial_basis": "a radial basis function",
            "arctan atan": "the arc tangent",
            "bent_identity": "the bent identity",
            "square squared quadratic": "a square",
        },
    ),
    _Absent(
        "losses",
        "half_squared",
        {
            "huber huber_loss smooth_l1 smooth_l1_loss": "the Huber loss",
            "squared_hinge categorical_hinge multi_margin": "another hinge loss",
            "kl kl_div kl_divergence kld kullback_leibler": "the Kullback–Leibler divergence",
            "poisson poisson_nll": "the Poisson loss",
            "cosine cosine_similarity cosine_embedding_loss cosine_proximity": "cosine similarity",
            "log_cosh": "log cosh",
            "rmse root_mean_squared_error": "root mean squared error",
            "mape mean_absolute_percentage_error": "mean absolute percentage error",
            "msle mean_squared_logarithmic_error": "mean squared logarithmic error",
            "focal focal_loss": "the focal loss",
            "triplet triplet_loss contrastive contrastive_loss": "a contrastive loss",
            "ctc ctc_loss": "the CTC loss",
            "accuracy": "accuracy",
        },
    ),
    _Absent(
        "optimizers",
        "sgd",
        {
            "adadelta": "Adadelta",
            "adamax": "Adamax",
            "adafactor": "Adafactor",
            "adabelief": "AdaBelief",
            "amsgrad": "AMSGrad",
            "nadam": "Nadam",
            "radam": "RAdam",
            "sparse_adam": "SparseAdam",
            "asgd": "averaged SGD",
            "rprop": "Rprop",
            "lion": "Lion",
            "lamb": "LAMB",
            "lars": "LARS",
            "ftrl": "FTRL",
            "lbfgs l_bfgs bfgs": "L-BFGS",
            "newton": "Newton's method",
            "levenberg_marquardt lm": "Levenberg–Marquardt",
        },
    ),
    _Absent(
        "schemes",
        "xavier",
        {
            "orthogonal": "orthogonal initialization",
            "lecun lecun_normal lecun_uniform": "LeCun initialization",
            "truncated_normal trunc_normal": "the truncated normal distribution",
            "zeros zero ones one constant": "a constant",
            "identity eye": "the identity matrix",
            "sparse": "sparse initialization",
        },
    ),
)


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """Return a word in lower case, with letters and digits alone: LeakyReLU and leaky_relu are the same."""
    return "".join(character for character in word[:_LONGEST].casefold() if character.isalnum())


_NAMES_OF: dict[str, tuple[str, ...]] = {}
for _name, _others in _OTHER_NAMES.items():
    for _other in map(plain, _others.split()):
        _NAMES_OF[_other] = (*_NAMES_OF.get(_other, ()), _name)

_FULL_NAMES: dict[str, tuple[tuple[_Absent, str], ...]] = {}
for _table in _ABSENT:
    for _words, _name in _table.names.items():
        for _word in map(plain, _words.split()):
            _FULL_NAMES[_word] = (*_FULL_NAMES.get(_word, ()), (_table, _name))


def same_as(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is this one in another writing, or that another library names so; None if none is."""
    short = plain(word)
    if not short or absent(word, known):
        return None
    alike = [each for each in known if plain(each) == short]
    if alike:
        return max(alike, key=lambda each: SequenceMatcher(None, word, each).ratio())
    return next((name for name in _NAMES_OF.get(short, ()) if name in known), None)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is meant: the same in another writing, a synonym, or one that a slip makes of it.

    None if there is none, and for the name of a rule that nnviz does not have, however similar another one's name is.
    """
    if absent(word, known):
        return None
    same = same_as(word, known)
    if same is not None:
        return same
    bare = word[:_LONGEST].rstrip("0123456789")
    if bare != word and bare in known:
        return bare  # W9, where there is no layer 9
    short = plain(word)
    found = [
        (slips, -SequenceMatcher(None, word[:_LONGEST], each).ratio(), index)
        for index, each in enumerate(known)
        if _may_be(short, plain(each)) and (slips := _slips(short, plain(each))) <= _allowed(short)
    ]
    return known[min(found)[-1]] if found else None


def absent(word: str, known: Sequence[str]) -> str:
    """Return that a rule is not among the known ones of its sort, if the word names one that nnviz does not have."""
    short = plain(word)
    for table, name in _FULL_NAMES.get(short, ()):
        if table.rule in known and word not in known:
            return f"{name} is not among the {table.sort}"
    return ""


def _allowed(short: str) -> int:
    """Return how many slips a word of this length may have: unlike words differ by more."""
    return 0 if len(short) < 3 else 1 if len(short) < 8 else 2 if len(short) < 14 else 3


def _may_be(short: str, other: str) -> bool:
    """Return whether a few slips may make one word of another: their first letters are the same or swapped."""
    if abs(len(short) - len(other)) > _allowed(short) or not short or not other:
        return False
    return short[0] == other[0] or short[:2] == other[1::-1]


def _slips(one: str, other: str) -> int:
    """Return how many letters are added, left out, changed, or swapped with the next, at least, from word to word."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, its in enumerate(other, start=1):
            cost = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == its:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]
