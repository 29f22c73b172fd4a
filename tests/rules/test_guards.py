"""Every activation, loss, optimizer and convention value: card, listing, script, audit and gradients say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from formats.scripts import assert_prints_the_trace
from rules.guards import GUARDS
from rules.worlds import every_world, world, worlds

from nnviz.lessons.notation import notation_names


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("name", worlds())
def test_every_rule_keeps_every_guard(name: str, guard: str) -> None:
    GUARDS[guard](world(name))


@pytest.mark.parametrize("notation", notation_names())
def test_every_exported_script_prints_the_record(notation: str, tmp_path: Path) -> None:
    assert_prints_the_trace(dict(every_world(notation)), tmp_path)


@pytest.mark.parametrize("notation", [name for name in notation_names() if name != "standard"])
def test_cards_and_listings_are_true_in_every_notation(notation: str) -> None:
    for _, session in every_world(notation):
        for guard in ("cards_agree", "listing_agrees"):
            GUARDS[guard](session)
