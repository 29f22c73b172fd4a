"""The recurrent lesson in the real window: unrolled and folded, walked by keys, nothing cut off."""

from __future__ import annotations

from nnviz.lessons.catalog import load


def test_unrolled_and_folded_by_key_and_mouse(open_window):
    window = open_window("krzeminski-rnn")
    assert [panel.title for panel in window.picture.panels] == ["time 1 of 2", "time 2 of 2"]
    assert window.main.time_choice.isVisible()
    window.press("U")
    assert window.picture.panels == ()
    assert [loop.text for loop in window.picture.loops] == ["wh · lay1⟨0⟩ + bh"]
    window.press("U")
    assert len(window.picture.panels) == 2
    window.press("G")
    assert not window.main.time_choice.isVisible()


def test_there_is_nothing_to_unroll_in_a_feed_forward_lesson(open_window):
    window = open_window("koehn")
    assert not window.main.time_choice.isVisible()
    window.press("U")
    assert window.picture.panels == ()


def test_a_walk_lights_one_copy_after_the_other(open_window):
    window = open_window("krzeminski-rnn")
    seen = []
    for _ in range(16):  # three sums, three activations, sum and output: at each of two time steps
        window.press("Right")
        seen.append([panel.active for panel in window.picture.panels].index(True))
    assert seen == [0] * 8 + [1] * 8
    # act2 = w2 lay1 + b2 of the second time step; lay2 = 0.4842332 stands in the reference.
    assert window.picture.units[-1].a == "0.4842"
    assert load("krzeminski-rnn").convention.through_time == "one_step"
