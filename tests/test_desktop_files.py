"""What a desktop reads to list nnviz: its entry, its description and its icon agree with the project."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path
from xml.etree import ElementTree

from nnviz.resources import read_text

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_entry_starts_the_command_of_the_project() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read_string(read_text("desktop", "nnviz.desktop"))
    told = entry["Desktop Entry"]
    assert told["Exec"].split()[0] in PROJECT["scripts"]
    assert told["Icon"] == told["StartupWMClass"] == told["Name"] == "nnviz"


def test_the_description_is_of_this_version_and_licence() -> None:
    component = ElementTree.fromstring(read_text("desktop", "nnviz.metainfo.xml"))
    assert component.findtext("launchable") == "nnviz.desktop"
    assert component.findtext("project_license") == PROJECT["license"]
    newest = component.find("releases/release")
    assert newest is not None
    assert newest.get("version") == PROJECT["version"]


def test_the_icon_is_a_square_drawing() -> None:
    icon = ElementTree.fromstring(read_text("desktop", "nnviz.svg"))
    assert icon.get("width") == icon.get("height")
