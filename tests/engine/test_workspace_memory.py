"""The buffers of a pass are given back at once: a circle of references in them would wait for a collection."""

from __future__ import annotations

import gc
import weakref

import pytest

from nnviz.engine.passes import predict, run_pass
from nnviz.engine.workspace import Workspace
from nnviz.lessons.catalog import lesson_names, load


@pytest.mark.parametrize("name", lesson_names())
def test_no_pass_leaves_garbage(name: str) -> None:
    lesson = load(name)
    dataset, network = lesson.dataset, lesson.network
    gc.collect()
    gc.disable()
    try:
        run_pass(network, dataset.inputs, dataset.targets, lesson.convention, lesson.training.rule())
        predict(network, dataset.inputs)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_workspace_goes_with_its_last_user() -> None:
    lesson = load("krzeminski-rnn")
    work = Workspace(lesson.network.architecture, lesson.dataset.inputs, lesson.dataset.targets)
    gone = weakref.ref(work)
    gc.disable()
    try:
        del work
        assert gone() is None
    finally:
        gc.enable()
