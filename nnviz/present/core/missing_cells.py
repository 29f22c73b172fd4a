"""The cells of a matrix that are connections which the network does not have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.present.core.voice import Voice
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity

MissingCells = NDArray[np.bool_] | None


def missing_cells(voice: Voice, quantity: Quantity) -> MissingCells:
    """Return which cells of a matrix are missing connections, in the document's orientation; None if none is."""
    kinds, architecture = PARAMETER_OF.get(quantity.kind), voice.record.architecture
    is_matrix = quantity.kind is Kind.DZ_DA or (kinds is not None and kinds.is_matrix and not kinds.is_recurrent)
    if not is_matrix or quantity.layer is None or architecture.connections[quantity.layer] is None:
        return None
    missing: NDArray[np.bool_] = architecture.mask(quantity.layer) == 0.0
    return missing.T if voice.units_first else missing
