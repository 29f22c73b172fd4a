"""What plots show, as CSV: the curves of runs, their table, the norms of layers, and the losses of a surface."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from nnviz.present.lab.runs_table import TableRun, table_columns
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.layer_norms import LayerNorms, layer_name
from nnviz.present.runs.loss_surface import LossSurface

RUN_COLUMNS = ("run", "epoch", "loss", "accuracy", "held_out_loss", "held_out_accuracy")


def runs_csv(runs: Sequence[LossRun]) -> str:
    """Return a row for each run and epoch at which a measure is known; a measure that is not known is empty."""
    return _text(RUN_COLUMNS, (row for run in runs for row in _run_rows(run)))


def table_csv(runs: Sequence[TableRun]) -> str:
    """Return a row for each run: its name, the settings in which the runs differ, and the numbers at its end."""
    columns = table_columns(runs)
    values = ((run.curve.name, *(column.value(run) for column in columns)) for run in runs)
    rows = (["" if value is None else value for value in row] for row in values)
    return _text(("run", *(column.key for column in columns)), rows)


def norms_csv(norms: LayerNorms) -> str:
    """Return a row for each update, with a column for each layer."""
    layers = [layer_name(layer) for layer in range(norms.norms.shape[1])]
    rows = zip(norms.updates.tolist(), norms.norms.tolist(), strict=True)
    return _text(("update", *layers), ((update, *of_layers) for update, of_layers in rows))


def surface_csv(surface: LossSurface, names: tuple[str, str]) -> str:
    """Return a row for each loss of a surface, with the values of the two weights."""
    rows = (
        (x, y, loss)
        for y, losses in zip(surface.ys.tolist(), surface.losses.tolist(), strict=True)
        for x, loss in zip(surface.xs.tolist(), losses, strict=True)
    )
    return _text((*names, "loss"), rows)


def _run_rows(run: LossRun) -> Iterable[tuple[object, ...]]:
    curves = [(run.epochs, run.losses), (run.rated, run.rates), run.held_losses, run.held_rates]
    known = [dict(zip(epochs.tolist(), values.tolist(), strict=True)) for epochs, values in curves]
    for epoch in sorted(set().union(*known)):
        yield (run.name, epoch, *(values.get(epoch, "") for values in known))


def _text(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return stream.getvalue()
