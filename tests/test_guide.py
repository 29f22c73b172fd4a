"""The guide's tables are made from the program's own, its links lead somewhere; run this file to rewrite the tables."""

from __future__ import annotations

import argparse
import re
from itertools import groupby
from pathlib import Path

import pytest

from nnviz.cli.common import Parser
from nnviz.cli.program import COMMANDS, main
from nnviz.debugger.conditions.functions import FUNCTIONS
from nnviz.debugger.conditions.names import SPECIALS
from nnviz.gui.guide.open_guide import NETWORK_PLACE
from nnviz.gui.kit.actions import key_rows
from nnviz.gui.panels import PANELS
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.format_help import HELP, FormatRow, format_tables, keys_of
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.lessons.schema import TABLES as FORMAT_TABLES
from nnviz.present.words.guide_pages import (
    PAGES,
    guide_title,
    is_place,
    link_place,
    load_page,
    pages,
    parse_page,
    search,
    slug,
    split_place,
)
from nnviz.presets.preset_table import PRESETS
from nnviz.resources import resource_names, resource_path
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.walks.moments import duration
from nnviz.walks.playing import play_scenes
from nnviz.walks.walk_file import load_walk, parse_walk
from nnviz.walks.walk_keys import WALK_KEYS, WalkKey
from nnviz.walks.walk_names import walk_names
from nnviz.walks.walk_verdicts import time_text, walk_verdicts

GUIDE = resource_path("guide")
LINK = re.compile(r"\[[^\]]*\]\(([^)]*)\)")


def lesson_table() -> str:
    rows = ["| lesson | title | network | from |", "|---|---|---|---|"]
    for name in lesson_names():
        lesson = load(name)
        sizes = "-".join(str(size) for size in lesson.network.architecture.sizes)
        rows.append(f"| `{name}` | {lesson.title} | {sizes} | {lesson.source} |")
    return "\n".join(rows)


def key_table() -> str:
    rows = ["| key | command | what it does |", "|---|---|---|"]
    rows += [
        f"| {', '.join(f'`{key}`' for key in keys.split(', '))} | {title} | {tip} |" for keys, title, tip in key_rows()
    ]
    return "\n".join(rows)


def debug_table() -> str:
    rows = ["| command | short | what it does |", "|---|---|---|"]
    for command in SHELL_COMMANDS:
        short = f"`{command.short}`" if command.short else ""
        rows.append(f"| `{cell(command.usage)}` | {short} | {command.help} |")
    return "\n".join(rows)


def command_table() -> str:
    rows = ["| command | what it does |", "|---|---|", "| `nnviz [LESSON\\|FILE]` | Open the window. |"]
    rows += [f"| `nnviz {usage(name)}` | {command.help} |" for name, command in COMMANDS.items()]
    return "\n".join(rows)


def option_table() -> str:
    rows = ["| option | commands | what it does |", "|---|---|---|"]
    options: dict[tuple[str, str], list[str]] = {}
    for name in COMMANDS:
        for action in actions(name):
            if action.option_strings:
                options.setdefault((option(action), cell(action.help or "")), []).append(name)
    rows += [f"| `{words}` | {', '.join(names)} | {help} |" for (words, help), names in options.items()]
    return "\n".join(rows)


def function_table() -> str:
    rows = ["| name or function | value |", "|---|---|"]
    rows += [f"| `{name}` | {help} |" for name, help in SPECIALS.items()]
    rows += [f"| `{name}(…)` | {function.help} |" for name, function in FUNCTIONS.items() if function.help]
    return "\n".join(rows)


def preset_table() -> str:
    rows = ["| preset | examples | inputs | classes | licence |", "|---|---|---|---|---|"]
    for row in PRESETS.values():
        least, most = row.classes
        classes = "a number" if not most else str(least) if least == most else f"{least} to {most}"
        rows.append(f"| `{row.name}`: {row.sentence} | {row.points} | {row.inputs} | {classes} | {row.licence} |")
    return "\n".join(rows)


def notation_table() -> str:
    rows = ["| notation | title |", "|---|---|"]
    rows += [f"| `{name}` | {load_notation(name).title} |" for name in notation_names()]
    return "\n".join(rows)


def format_table() -> str:
    parts = []
    for heading, rows in format_tables().items():
        lines = [f"### `{heading}`" if heading else "### The top of the file", ""]
        lines += ["| key | takes | default | meaning |", "|---|---|---|---|"]
        alike = groupby(rows, lambda row: (row.kind, row.default, row.sentence))
        lines += [format_row(list(group)) for _, group in alike]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def format_row(rows: list[FormatRow]) -> str:
    """Return one row for keys that take the same and mean the same."""
    first = rows[0]
    default = f"`{first.default}`" if first.default and first.default != "needed" else first.default
    return f"| {', '.join(f'`{row.key}`' for row in rows)} | {first.kind} | {default} | {first.sentence} |"


def walk_table() -> str:
    rows = ["| walk | title | lesson | lasts |", "|---|---|---|---|"]
    for name in walk_names():
        walk = load_walk(name)
        seconds = sum(duration(scene.moments) for scene in play_scenes(walk, shows_training=False))
        rows.append(f"| `{name}` | {walk.title} | `{walk.lesson}` | {time_text(seconds)} |")
    return "\n".join(rows)


def walk_format_table() -> str:
    parts = []
    for heading, keys in WALK_KEYS.items():
        lines = [f"### `{heading}`" if heading else "### At the top of the file", ""]
        lines += ["| key | takes | default | meaning |", "|---|---|---|---|"]
        lines += [f"| `{key.name}` | {key.takes} | {default(key)} | {key.sentence} |" for key in keys]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def default(key: WalkKey) -> str:
    """Return the default of a key: values as code, other words as they are."""
    is_value = f"`{key.default}`" in key.takes or key.default.replace(".", "").isdecimal() or key.default == "all"
    return f"`{key.default}`" if is_value else key.default


def actions(name: str) -> list[argparse.Action]:
    """Return the arguments of a sub-command, without its help."""
    parser = Parser(prog=name)
    COMMANDS[name].add_arguments(parser)
    return [action for action in parser._actions if action.dest != "help" and action.help != argparse.SUPPRESS]


def usage(name: str) -> str:
    """Return a sub-command with its arguments."""
    named = [action for action in actions(name) if not action.option_strings]
    ends = {None: "", "?": "", "*": "…", "+": "…"}
    return " ".join(
        [name, *(cell(f"{action.metavar}{ends[str(action.nargs) if action.nargs else None]}") for action in named)]
    )


def option(action: argparse.Action) -> str:
    """Return an option with what it takes."""
    if action.nargs == 0:
        return ", ".join(action.option_strings)
    taken = "|".join(action.choices) if action.choices else action.metavar
    return cell(f"{', '.join(action.option_strings)} {taken}")


def cell(text: str) -> str:
    """Return a text for the cell of a table."""
    return text.replace("|", "\\|")


TABLES = {
    "lessons": lesson_table,
    "keys": key_table,
    "debug": debug_table,
    "commands": command_table,
    "options": option_table,
    "functions": function_table,
    "notations": notation_table,
    "presets": preset_table,
    "format": format_table,
    "walks": walk_table,
    "walk-format": walk_format_table,
}


def filled(text: str) -> str:
    """Return a page with every table as it should be."""
    for name, table in TABLES.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end of {name} -->)"
        text = re.sub(pattern, lambda match, table=table: f"{match[1]}\n{table()}\n\n{match[2]}", text, flags=re.S)
    return text


def page_text(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text(encoding="utf-8")


# The tables


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_the_guide_agree_with_the_program(name: str) -> None:
    text = page_text(name)
    assert text == filled(text), f"run: python tests/{Path(__file__).name}"


def test_every_table_is_on_one_page() -> None:
    texts = [page_text(name) for name in PAGES]
    for name in TABLES:
        assert sum(text.count(f"<!-- {name}: ") for text in texts) == 1, name
        assert sum(text.count(f"<!-- end of {name} -->") for text in texts) == 1, name


@pytest.mark.parametrize("path", FORMAT_TABLES)
def test_every_key_of_the_lesson_format_has_a_sentence(path: tuple[str, ...]) -> None:
    assert set(HELP[path]) == set(keys_of(path))
    assert all(sentence.endswith(".") for sentence in HELP[path].values())


def test_a_key_is_shown_with_what_it_takes_and_its_default() -> None:
    rows = {(heading, row.key): row for heading, table in format_tables().items() for row in table}
    assert rows["[network]", "inputs"].kind == "whole number from 1"
    assert rows["[network]", "inputs"].default == "needed"
    assert rows["[data]", "per_class"].kind == "whole number from 1"
    assert rows["[data]", "example"].default == "0"
    assert rows["[convention]", "frozen"].kind == "list of names"
    assert rows["[[network.layers]]", "b"].kind == "list of numbers"
    assert rows["[network.init]", "scheme"].kind == "`uniform`, `normal`, `xavier`, `he`"
    assert rows["[training]", "momentum"].kind == "number at least 0"
    assert rows["[training]", "shuffle"].kind == "true or false"
    assert rows["[[printed]]", "quantity"].kind.startswith("`z`, `a`, ")


# The text


def test_the_guide_has_a_file_for_every_page_and_no_other() -> None:
    assert set(resource_names("guide", ".md")) == set(PAGES)
    assert {page.name: page.title for page in pages()} == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_an_introduction_and_sections_of_their_own(name: str) -> None:
    sections = load_page(name).sections
    assert [section.level for section in sections].count(1) == 1
    assert sections[0].level == 1
    assert sections[0].text
    anchors = [section.anchor for section in sections]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_a_page_lead_somewhere(name: str) -> None:
    for link in LINK.findall(page_text(name)):
        place = link_place(link, name)
        assert is_place(place) if place is not None else link.startswith("https://"), link


def test_every_panel_has_a_place_in_the_guide() -> None:
    for place in (*(row.guide for row in PANELS), NETWORK_PLACE):
        assert is_place(place)
        assert split_place(place)[1]
        assert guide_title(place) == load_page(split_place(place)[0]).title


def test_the_first_lesson_of_the_guide_can_be_opened(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", page_text("lesson-format"), re.S)
    assert block is not None
    file = tmp_path / "mine.toml"
    file.write_text(block[1], encoding="utf-8")
    assert load(str(file)).network.architecture.sizes == (2, 2, 1)


def test_the_printed_results_and_errata_of_the_guide_are_accepted(tmp_path: Path) -> None:
    lesson, notes = re.findall(r"```toml\n(.*?)```", page_text("lesson-format"), re.S)[:2]
    file = tmp_path / "mine.toml"
    file.write_text(lesson + notes, encoding="utf-8")
    loaded = load(str(file))
    assert (len(loaded.printed), len(loaded.errata)) == (1, 1)


def test_the_recurrent_data_of_the_guide_is_accepted(tmp_path: Path) -> None:
    data = re.findall(r"```toml\n(.*?)```", page_text("lesson-format"), re.S)[2]
    head = 'format = 1\ntitle = "Memory"\n[network]\ninputs = 1\n[network.init]\n[[network.layers]]\nunits = 1\n'
    file = tmp_path / "memory.toml"
    file.write_text(f"{head}recurrent = true\n{data}", encoding="utf-8")
    assert load(str(file)).dataset.time_steps == 2


def test_the_first_walk_of_the_guide_checks() -> None:
    block = re.search(r"```toml\n(.*?)```", page_text("walks"), re.S)
    assert block is not None
    assert [verdict.text for verdict in walk_verdicts(parse_walk(block[1])) if verdict.failed] == []


@pytest.mark.parametrize("heading", WALK_KEYS)
def test_every_key_of_the_walk_format_has_a_sentence(heading: str) -> None:
    assert all(key.sentence.endswith(".") and key.takes for key in WALK_KEYS[heading])


def test_the_commands_of_the_guide_print_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(page_text(name) for name in PAGES)
    blocks = [block for block in re.findall(r"```\n\$ nnviz (.*?)```", text, re.S) if not block.startswith("debug")]
    assert len(blocks) == 4
    for block in blocks:
        command, *said = block.splitlines()
        pattern = "\n".join(".*" if line == "…" else re.escape(line) for line in said)  # … are lines left out
        assert main(command.split()) == 0
        assert re.fullmatch(pattern, capsys.readouterr().out.strip("\n"), re.S), command


# Pages, places and searching


def test_a_page_is_divided_at_its_headings() -> None:
    text = "# One\n\nAn *introduction* to `two`.\n\n## Two, or (more)\n\n- a [link](x.md)\n\n```\n# no heading\n```\n"
    page = parse_page("one", text + "\n<!-- a comment -->\n| a | b |\n|---|---|\n| `c \\| d` | e |\n")
    assert [(section.level, section.anchor) for section in page.sections] == [(1, "one"), (2, "two-or-more")]
    assert page.sections[0].text == "An introduction to two."
    assert " ".join(page.sections[1].text.split()) == "a link # no heading a b c | d e"
    assert page.sections[1].place == "one#two-or-more"
    assert "comment" not in page.markdown


def test_links_are_places_of_the_guide_or_lead_out_of_it() -> None:
    assert link_place("stepping.md#watches", "keys") == "stepping#watches"
    assert link_place("sessions.md", "keys") == "sessions"
    assert link_place("#train", "first-steps") == "first-steps#train"
    assert link_place("https://toml.io", "keys") is None
    assert link_place("nothing.md", "keys") is None
    assert not is_place("stepping#nothing")
    assert not is_place("nothing")
    assert slug("Where does a value come from?") == "where-does-a-value-come-from"


def test_all_words_of_a_search_are_found_in_any_order_and_case() -> None:
    hits = search("breakpoint CONDITION")
    assert hits == search("condition breakpoint")
    assert "stepping#breakpoints" in [hit.section.place for hit in hits]
    for hit in hits:
        text = f"{hit.section.title} {hit.section.text}".casefold()
        assert "breakpoint" in text
        assert "condition" in text
    order = list(PAGES)
    assert [order.index(hit.section.page) for hit in hits] == sorted(order.index(hit.section.page) for hit in hits)


def test_a_hit_shows_the_text_around_the_word() -> None:
    hit = next(hit for hit in search("hollow") if hit.section.page == "stepping")
    assert "hollow" in hit.excerpt
    assert hit.excerpt.startswith("… ")
    assert len(hit.excerpt) < 110


def test_a_search_for_nothing_finds_nothing() -> None:
    assert search("  ") == ()
    assert search("quetzalcoatl") == ()


if __name__ == "__main__":
    for file in sorted(GUIDE.glob("*.md")):
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
