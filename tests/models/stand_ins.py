"""Objects that look like models of PyTorch and scikit-learn where these are not installed: class names, attributes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


class Part:
    """Something with attributes, and modules inside it."""

    def __init__(self, children: tuple[Part, ...] = (), **attributes: Any) -> None:
        self._children = children
        self.training = False
        self.__dict__.update(attributes)

    def named_children(self) -> list[tuple[str, Part]]:
        return [(str(index), child) for index, child in enumerate(self._children)]


def torch_part(name: str, *children: Part, **attributes: Any) -> Part:
    """Return an object of a class of this name, which says that it is PyTorch's."""
    kind = type(name, (Part,), {"__module__": "torch.nn.modules.any"})
    return kind(children, **attributes)  # type: ignore[no-any-return]


def torch_sequential(modules: list[dict[str, Any]]) -> list[Part]:
    """Return modules from their stored attributes, as a list, whose output is not asked for."""
    return [
        torch_part(
            module["class"],
            **{
                key: np.array(value) if key in ("weight", "bias") else value
                for key, value in module.items()
                if key != "class"
            },
        )
        for module in modules
    ]


def sklearn_model(name: str, **attributes: Any) -> Any:
    """Return an object of a class of this name, which says that it is scikit-learn's."""
    kind = type(name, (Part,), {"__module__": "sklearn.neural_network._multilayer_perceptron"})
    return kind((), **attributes)


def without_metadata(content: bytes) -> bytes:
    """Return a safetensors file without its metadata, as PyTorch writes it."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    del header["__metadata__"]
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]
