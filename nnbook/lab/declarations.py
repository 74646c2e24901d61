"""In which lines of lab.toml experiments and configurations are declared: no parser tells it."""

import re

_TABLE = re.compile(r"\[{1,2}\s*(lab|author|compare|experiments)\s*[.\]]")
_EXPERIMENT = re.compile(
    r"(?:\[{1,2}\s*)?experiments\s*\.\s*"
    r"(?:\"(?P<quoted>[\w.+-]+)\"|'(?P<raw>[\w.+-]+)'|(?P<bare>[\w-]+))"
)
_NAME = re.compile(r"(?:^|[{,])\s*name\s*=\s*[\"']([\w.+-]+)[\"']")


def lines_of(text: str) -> dict[str, int]:
    r"""Return the line, from 1, where each experiment and configuration that is named begins.

    >>> lines_of('[experiments.a]\n[[experiments.a.configuration]]\nname = "b"')
    {'a': 1, 'b': 3}
    """
    found: dict[str, int] = {}
    is_author = False
    # Without blanks around them, no pattern has two ways to go over a line.
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if table := _TABLE.match(line):
            is_author = table[1] == "author"
        if experiment := _EXPERIMENT.match(line):
            found.setdefault(next(filter(None, experiment.groups())), number)
        if not (is_author or line.startswith("#")):
            for name in _NAME.findall(line):
                found.setdefault(name, number)
    return found
