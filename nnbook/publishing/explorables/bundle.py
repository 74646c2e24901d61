"""The modules of the explorables as plain scripts, which work from a file as well as from a server.

A browser loads no module from a file. So each module becomes a function, and what it imports its
arguments; one script holds the modules of `engine`, `drawing` and `frame`, and one script for each
explorable its own. Of the syntax of modules this much may be used: named imports from a relative
path on top of the file, and ``export`` before a declaration.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from nnbook.errors import NNBookError

SHARED = ("engine", "drawing", "frame")
FIGURES = "figures"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*\.mjs)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*?|const|let|class) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^\s*(?:import\b|export\b)|\bimport\(|\bimport\.meta\b", re.MULTILINE)
_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_REMARK = re.compile(r"^\s*//.*\n|  //[^\"'`\n]*$", re.MULTILINE)


class BundleError(NNBookError):
    """A module that cannot become part of a script."""


def names() -> list[str]:
    """Return the names of all explorables."""
    found = (file.name for file in _root().joinpath(FIGURES).iterdir())
    return sorted(name.removesuffix(".mjs") for name in found if name.endswith(".mjs"))


@cache
def shared_script() -> str:
    """Return the script that all explorables need."""
    frame = "frame/explorable.mjs"
    modules = [path for folder in SHARED for path in _modules(folder)]
    definitions = "\n".join(_definition(path) for path in _in_order(modules, set()))
    return f"{_START}\n{definitions}\nself.nnbookExplorables = nnbookModules[{frame!r}];\n"


@cache
def script(name: str) -> str:
    """Return the script of one explorable, which follows the shared one."""
    known = {path for folder in SHARED for path in _modules(folder)}
    paths = _in_order([f"{FIGURES}/{name}.mjs"], known)
    return "\n".join(_definition(path) for path in paths) + "\n"


def definition(path: str, text: str) -> str:
    r"""Return a module as the definition of a function; see this module for what it may hold.

    Parameters
    ----------
    path : str
        Of the module, as in ``"engine/arrays.mjs"``.
    text : str
        Its source.

    Raises
    ------
    BundleError
        If it uses other syntax of modules.

    Examples
    --------
    >>> print(definition("b.mjs", 'import { f as g } from "./a.mjs";\nexport const h = g;\n'))
    nnbookModules["b.mjs"] = (() => {
    const { f: g } = nnbookModules["a.mjs"];
    const h = g;
    return { h };
    })();
    """

    def imported(found: re.Match[str]) -> str:
        wanted = [" ".join(name.split()) for name in found[1].split(",") if name.strip()]
        taken = ", ".join(name.replace(" as ", ": ") for name in wanted)
        return f'const {{ {taken} }} = nnbookModules["{_resolved(path, found[2])}"];\n'

    text = _REMARK.sub("", _COMMENT.sub("", text)) if "`" not in text else _COMMENT.sub("", text)
    exported = [found[1] for found in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", _IMPORT.sub(imported, text))
    if other := _OTHER.search(text):
        line = text[other.start() :].lstrip().partition("\n")[0]
        raise BundleError(
            f"{path}: expected named imports from relative paths and exported declarations only, "
            f"received {line!r}"
        )
    lines = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
    return (
        f'nnbookModules["{path}"] = (() => {{\n{lines}\nreturn {{ {", ".join(exported)} }};\n}})();'
    )


_START = "const nnbookModules = {};"


def _definition(path: str) -> str:
    return definition(path, _source(path))


def _in_order(paths: list[str], known: set[str]) -> list[str]:
    """Return modules and what they import, each after what it imports."""
    done: list[str] = []

    def visit(path: str, way: tuple[str, ...]) -> None:
        if path in way:
            raise BundleError(f"modules import each other: {' -> '.join((*way, path))}")
        if path in known or path in done:
            return
        for imported in _imports(path):
            visit(imported, (*way, path))
        done.append(path)

    for path in paths:
        visit(path, ())
    return done


def _imports(path: str) -> Iterator[str]:
    for found in _IMPORT.finditer(_source(path)):
        yield _resolved(path, found[2])


def _resolved(path: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))


def _modules(folder: str) -> list[str]:
    found = (file.name for file in _root().joinpath(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in found if name.endswith(".mjs"))


@cache
def _source(path: str) -> str:
    file = _root().joinpath(*path.split("/"))
    if not file.is_file():
        raise BundleError(f"there is no module {path}")
    return file.read_text(encoding="utf-8")


def _root() -> Traversable:
    return files(__package__)
