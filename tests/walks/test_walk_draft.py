"""A walk while it is edited: scenes and text follow one another, and every change can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nnviz.walks.walk import Scene, Walk
from nnviz.walks.walk_draft import (
    NEW_TITLE,
    DraftHistory,
    WalkDraft,
    add_scene,
    delete_scene,
    draft_of,
    move_scene,
    with_scene,
    with_text,
)
from nnviz.walks.walk_file import parse_walk

TEXT = """# My own walk.

format = 1
title = "Two"
lesson = "koehn"

[[scene]]
title = "One"

[[scene]]
title = "Two"
"""


def draft() -> WalkDraft:
    return draft_of(parse_walk(TEXT), TEXT)


def titles(shown: WalkDraft) -> list[str]:
    return [scene.title for scene in shown.walk.scenes]


def test_scenes_are_added_moved_copied_and_deleted_and_the_text_follows() -> None:
    added = add_scene(draft(), 1)
    assert titles(added) == ["One", NEW_TITLE, "Two"]
    moved = move_scene(added, 2, 0)
    assert titles(moved) == ["Two", "One", NEW_TITLE]
    left = delete_scene(moved, 1)
    assert titles(left) == ["Two", NEW_TITLE]
    assert parse_walk(left.text) == left.walk
    assert titles(delete_scene(delete_scene(left, 0), 0)) == [NEW_TITLE]


def test_comments_above_the_walk_are_kept() -> None:
    assert add_scene(draft(), 0).text.startswith("# My own walk.\n\nformat = 1\n")


def test_scenes_follow_the_text_and_wait_for_one_that_can_be_read() -> None:
    read = with_text(draft(), TEXT.replace('"One"', '"First"'))
    assert titles(read) == ["First", "Two"]
    broken = with_text(read, TEXT.replace('"One"', '"One'))
    assert not broken.is_followed
    assert broken.faults[0].line == 8
    assert titles(broken) == ["First", "Two"]
    assert with_text(broken, TEXT).is_followed


def test_a_scene_with_a_mistake_is_kept_with_its_fault_and_line() -> None:
    scene = replace(draft().walk.scenes[1], say="{y:.4f")
    wrong = with_scene(draft(), 1, scene)
    assert wrong.is_followed
    assert wrong.walk.scenes[1] == scene
    assert [(fault.field, fault.line) for fault in wrong.faults] == [("scene[2].say", 12)]
    assert with_scene(wrong, 1, replace(scene, say="")).faults == ()


def test_changes_of_both_kinds_are_undone_and_redone() -> None:
    history = DraftHistory(draft(), TEXT)
    history.change(lambda each: add_scene(each, 2, Scene(title="Three")))
    history.change(lambda each: with_text(each, each.text.replace("Three", "Third")), "text")
    assert titles(history.draft) == ["One", "Two", "Third"]
    assert history.undo()
    assert titles(history.draft) == ["One", "Two", "Three"]
    assert history.undo()
    assert history.draft.text == TEXT
    assert not history.is_changed
    assert not history.undo()
    assert history.redo()
    assert history.redo()
    assert titles(history.draft) == ["One", "Two", "Third"]
    assert not history.can_redo


def test_typing_in_one_field_is_one_change() -> None:
    history = DraftHistory(draft(), TEXT)
    for title in ("O", "On", "Onc", "Once"):
        history.change(lambda each, title=title: with_scene(each, 0, Scene(title=title)), (0, "title"))
    history.undo()
    assert titles(history.draft) == ["One", "Two"]


def test_a_saved_draft_is_not_changed(tmp_path: Path) -> None:
    walk = Walk(title="New", lesson="koehn", scenes=(Scene(title="Start"),))
    history = DraftHistory(draft_of(walk))
    assert history.is_changed
    history.note_saved(tmp_path / "new.walk.toml")
    assert not history.is_changed
    assert history.draft.walk.name == "new"
