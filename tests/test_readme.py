"""The README's tables are made from the program's own; run this file to write them anew."""

from __future__ import annotations

import re
from pathlib import Path

from nnviz.cli.shell.commands import SHELL_COMMANDS
from nnviz.gui.actions import key_rows
from nnviz.lessons.catalog import lesson_names, load

README = Path(__file__).parents[1] / "README.md"


def lesson_table() -> str:
    rows = ["| lesson | title | network | from |", "|---|---|---|---|"]
    for name in lesson_names():
        lesson = load(name)
        sizes = "-".join(str(size) for size in lesson.network.architecture.sizes)
        rows.append(f"| `{name}` | {lesson.title} | {sizes} | {lesson.source} |")
    return "\n".join(rows)


def key_table() -> str:
    rows = ["| key | what it does |", "|---|---|"]
    rows += [f"| {', '.join(f'`{key}`' for key in keys.split(', '))} | {tip} |" for keys, _, tip in key_rows()]
    return "\n".join(rows)


def debug_table() -> str:
    rows = ["| command | short | what it does |", "|---|---|---|"]
    for command in SHELL_COMMANDS:
        usage, short = command.usage.replace("|", "\\|"), f"`{command.short}`" if command.short else ""
        rows.append(f"| `{usage}` | {short} | {command.help} |")
    return "\n".join(rows)


TABLES = {"lessons": lesson_table, "keys": key_table, "debug": debug_table}


def filled(text: str) -> str:
    """The README with every table as it should be."""
    for name, table in TABLES.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end of {name} -->)"
        text = re.sub(pattern, lambda match, table=table: f"{match[1]}{table()}\n{match[2]}", text, flags=re.S)
    return text


def test_the_tables_of_the_readme_are_what_the_program_says() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == filled(text), f"run: python {Path(__file__).name}"


def test_the_pictures_of_the_readme_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / picture).is_file()


def test_the_lesson_of_the_readme_is_one(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert block is not None
    file = tmp_path / "mine.toml"
    file.write_text(block[1], encoding="utf-8")
    assert load(str(file)).network.architecture.sizes == (2, 2, 1)


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
