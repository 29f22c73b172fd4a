"""The only place that finds data files: lessons, notations, themes and icons, in a checkout or installed."""

from functools import lru_cache
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of the data file or folder named by `parts`, e.g. `("themes", "light.toml")`.

    The path is not checked: opening a missing one raises FileNotFoundError as usual.
    """
    return _root().joinpath(*parts)


def resource_names(folder: str, suffix: str) -> tuple[str, ...]:
    """Return the sorted stems of the files in `folder` that end in `suffix` (".toml"), none if it is missing."""
    place = resource_path(folder)
    if not place.is_dir():
        return ()
    ending = "." + suffix.removeprefix(".")
    return tuple(sorted(path.name.removesuffix(ending) for path in place.iterdir() if path.suffix == ending))


def read_text(*parts: str) -> str:
    """Return the text of a data file, read as UTF-8; raises FileNotFoundError where there is none."""
    return resource_path(*parts).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _root() -> Path:
    package = Path(__file__).resolve().parent
    installed = package / "_resources"  # where the wheel puts the top-level folder
    return installed if installed.is_dir() else package.parent / "resources"
