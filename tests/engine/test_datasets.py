"""Examples: given or drawn."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.engine.datasets import draw_clusters, make_dataset
from nnviz.engine.initializers import make_generator


def test_given_examples_have_one_time_step_and_are_read_only():
    inputs = np.array([[0, 1], [2, 3], [4, 5]])
    dataset = make_dataset(inputs, [[1], [0], [1]])
    assert (len(dataset), dataset.time_steps) == (3, 1)
    assert dataset.inputs.shape == (1, 3, 2)
    assert dataset.targets.shape == (1, 3, 1)
    inputs[0, 0] = 9
    assert dataset.inputs[0, 0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        dataset.inputs[0, 0, 0] = 9


def test_clusters_are_the_documents():
    # The first points of RandomState(0), drawn by an independent program.
    dataset = draw_clusters(make_generator("legacy", 0), [(0, -2), (2, 2), (-2, 2)], 500)
    assert len(dataset) == 1500
    assert dataset.inputs[0, :3] == pytest.approx(
        np.array(
            [
                [1.764052345967664, -1.5998427916327767],
                [0.9787379841057392, 0.2408931992014578],
                [1.8675579901499675, -2.977277879876411],
            ]
        ),
        abs=1e-12,
    )
    assert dataset.targets[0, [0, 499, 500, 1499]].tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    means = [dataset.inputs[0, k * 500 : (k + 1) * 500].mean(axis=0) for k in range(3)]
    assert np.array(means) == pytest.approx(np.array([[0, -2], [2, 2], [-2, 2]]), abs=0.2)
