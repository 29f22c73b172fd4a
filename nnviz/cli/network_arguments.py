"""Arguments that describe a network in words: `--network 2-8-1 --activation tanh --loss … --data … --target …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nnviz.cli.common import RequestError, words_of

if TYPE_CHECKING:
    from nnviz.lessons.making.quick import QuickWish


def network_arguments(parser: argparse.ArgumentParser, *, needed: bool = False) -> None:
    """Add the arguments of a network without a lesson file; with `needed`, its sizes must be given."""
    parser.add_argument(
        "--network",
        type=_sizes,
        required=needed,
        metavar="2-8-1",
        help="the sizes of a network, from the inputs to the outputs, instead of a lesson",
    )
    parser.add_argument(
        "--activation",
        type=words_of,
        default=(),
        metavar="NAMES",
        help="the activation of the hidden layers, or with commas of each layer (default: tanh; the output's as the "
        "loss needs)",
    )
    parser.add_argument(
        "--loss",
        default="",
        metavar="NAME",
        help="the loss (default: cross_entropy for classes, binary_cross_entropy for 0 and 1, else half_squared)",
    )


def data_arguments(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the arguments of a table of data; `text` is the help of `--data`."""
    parser.add_argument("--data", metavar="FILE|PRESET", help=text)
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="NAME",
        help="the column of the classes or targets; may be repeated (default: the last)",
    )


def wish_of(args: argparse.Namespace, title: str = "") -> QuickWish:
    """Return the network that the arguments describe."""
    from nnviz.lessons.making.quick import QuickWish

    return QuickWish(
        sizes=args.network,
        data=args.data,
        target=tuple(args.target),
        activations=args.activation,
        loss=args.loss,
        title=title,
    )


def refuse_network_words(args: argparse.Namespace) -> None:
    """Refuse options of `--network` beside a lesson; a model takes activations. Raises RequestError."""
    from nnviz.models.model_files import is_model_file

    for name in ("activation", "loss"):
        if getattr(args, name) and not (name == "activation" and is_model_file(args.lesson)):
            where = "network.loss=…" if name == "loss" else "network.layers[1].activation=…"
            raise RequestError(f"--{name} belongs to --network; in a lesson, use --set {where}")


def _sizes(text: str) -> tuple[int, ...]:
    from nnviz.lessons.making.quick import read_sizes

    try:
        return read_sizes(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
