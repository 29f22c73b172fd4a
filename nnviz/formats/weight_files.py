"""The weights of a pass as NumPy's .npz, with the names W1, b1, W_h1, b_h1, and as safetensors for PyTorch."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.engine.network import Network
from nnviz.formats.atomic_files import write_bytes_atomically
from nnviz.models.safetensors_file import safetensors_bytes


def npz_bytes(session: Session) -> bytes:
    """Return the weights before the update as an .npz file: W1 (inputs, units), b1 (units,), … by layers from 1."""
    parameters = session.record.parameters
    arrays = {
        f"{name}{layer + 1}": parameters.part(name, layer)
        for layer, names in enumerate(session.record.architecture.slots)
        for name in names
    }
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def safetensors_of(session: Session) -> bytes:
    """Return the weights before the update as a safetensors file, which torch.nn.Sequential loads by its names."""
    return safetensors_bytes(Network(session.record.architecture, session.record.parameters))


def write_weights(path: str | Path, session: Session, form: str) -> None:
    """Write the weights of a pass to a file, whole or not at all. Raises OSError, and KeyError for another format."""
    write_bytes_atomically(path, WEIGHT_EXPORTERS[form](session))


# The formats of a pass that are no text.
WEIGHT_EXPORTERS: dict[str, Callable[[Session], bytes]] = {"npz": npz_bytes, "safetensors": safetensors_of}
