"""Data files are found, in a checkout and as a wheel lays them out."""

import tomllib
from pathlib import Path

import pytest

from nnviz import resources


def test_a_checkout_has_its_themes():
    assert "light" in resources.resource_names("themes", ".toml")
    assert resources.resource_path("themes", "light.toml").is_file()
    assert "[phases]" in resources.read_text("themes", "light.toml")


def test_names_are_sorted_stems_and_the_dot_may_be_left_out():
    names = resources.resource_names("icons", ".svg")
    assert list(names) == sorted(names)
    assert "player-play" in names
    assert resources.resource_names("icons", "svg") == names


def test_a_folder_that_is_not_there_has_no_names():
    assert resources.resource_names("nowhere", ".toml") == ()


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="nothing"):
        resources.read_text("themes", "nothing.toml")


def test_an_installed_package_carries_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "nnviz"
    (package / "_resources" / "themes").mkdir(parents=True)
    (package / "_resources" / "themes" / "only.toml").write_text("é", encoding="utf-8")
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    resources._root.cache_clear()
    try:
        assert resources.resource_names("themes", ".toml") == ("only",)
        assert resources.read_text("themes", "only.toml") == "é"
    finally:
        resources._root.cache_clear()


def test_the_guide_is_among_the_data_files_of_the_wheel():
    settings = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"resources": "nnviz/_resources"}
    assert "first-steps" in resources.resource_names("guide", ".md")
    assert resources.read_text("guide", "first-steps.md").startswith("# First steps\n")
