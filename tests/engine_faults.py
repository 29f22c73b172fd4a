"""Everything that can be checked of a pass record from outside, in one question: is this engine broken?"""

from __future__ import annotations

import numpy as np

from nnviz.engine.gradcheck import check_gradients
from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import audit
from nnviz.tracing.trace import Trace


def engine_faults(record: PassRecord) -> set[str]:
    """The names of the checks that a record fails: `gradcheck`, `audit`, `aliasing`; empty for a sound engine."""
    faults = set()
    if record.convention.is_exact:
        differences = check_gradients(record, record.architecture.existing.tolist())
        if not all(difference.agrees for difference in differences):
            faults.add("gradcheck")
    if audit(Trace(record, chain_rule=True)):
        faults.add("audit")
    before, after = record.parameters.vector, record.updated.vector
    if np.shares_memory(before, after) or before.flags.writeable or after.flags.writeable:
        faults.add("aliasing")
    return faults
