"""In which lines of a TOML file its keys and the values of its lists are: no parser tells it."""

import re
from collections.abc import Iterator

_HEAD = re.compile(r"\s*\[\s*([\w.]+)\s*\]")
_KEY = re.compile(r'\s*"?([\w-]+)"?(?:\s*\.\s*"?([\w-]+)"?)?\s*=')
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)|'
    r"'''.*?(?:'''|\Z)|"
    r'"(?:[^"\\\n]|\\[^\n])*+"?|'
    r"'[^'\n]*'?|"
    r"#[^\n]*|[\[\],]|[^\s\[\],#\"']+",
    re.DOTALL,
)
"""A text that is not closed is a token, too: nothing is gone through twice."""

Place = tuple[int, ...]
"""Where a value is in a list, or in a list of lists; from 0."""


class TomlLines:
    r"""The lines of a text that is TOML.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> lines = TomlLines('[forward]\nz1 = [\n  [1, 2],\n  [1, 2],\n]')
    >>> lines.of("forward", "z1"), lines.of("forward", "z1", (1, 0)), lines.of("after", "W1")
    (2, 4, None)
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: dict[tuple[str, str], tuple[int, int]] = {}
        self._values: dict[tuple[str, str], dict[Place, int]] = {}
        table, position = "", 0
        for number, line in enumerate(text.splitlines(keepends=True), start=1):
            if head := _HEAD.match(line):
                table = head[1]
                self._starts.setdefault((table, ""), (number, position))
            elif key := _KEY.match(line):
                name = (key[1], key[2]) if key[2] and not table else (table, key[1])
                self._starts.setdefault(name, (number, position + key.end()))
            position += len(line)

    def of(self, table: str, key: str = "", place: Place = ()) -> int | None:
        """Return the line of a table, of one of its keys, or of a value of its list; from 1."""
        name = (table, key)
        if name not in self._starts:
            return None
        line, position = self._starts[name]
        if not place:
            return line
        if name not in self._values:
            self._values[name] = dict(self._places(line, position))
        return self._values[name].get(place, line)

    def _places(self, line: int, position: int) -> Iterator[tuple[Place, int]]:
        """Yield where each value of a list is, and its line."""
        path: list[int] = []
        for token in _TOKEN.finditer(self._text, position):
            line += self._text.count("\n", position, token.start())
            position = token.start()
            match token[0][0]:
                case "#":
                    continue
                case "[":
                    path.append(0)
                case "]":
                    path.pop()
                case ",":
                    path[-1] += 1
                case _:
                    yield tuple(path), line
            if not path:
                return
