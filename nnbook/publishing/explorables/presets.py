"""The presets of an explorable, as a page declares them; the explorable itself says if they fit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from nnbook.errors import NNBookError
from nnbook.publishing.explorables.bundle import names, script, shared_script


class PresetError(NNBookError):
    """A preset that the explorable cannot show."""


@dataclass(frozen=True)
class Preset:
    """A state that has a name.

    Parameters
    ----------
    name : str
        What its button says.
    state : dict
        A text for each field that it sets; the first preset of an explorable sets all of them.
    ask : str
        A question that is asked before the state is shown.
    answers : list of str
        What may be answered.
    correct : str
        The right one of the answers, which is told to who has given one; the tests compute it.
    before : str
        The preset in whose state it is asked, which is shown until there is an answer, and with
        which it compares: its words are kept beside the answer. If empty, it is asked in the state
        of the first preset, and no words are kept.
    """

    name: str
    state: dict[str, str]
    ask: str = ""
    answers: list[str] = field(default_factory=list)
    correct: str = ""
    before: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as the page's script reads it."""
        return {key: value for key, value in asdict(self).items() if value or key == "state"}


def read(name: str, text: str) -> list[Preset]:
    """Return the presets of an explorable.

    Parameters
    ----------
    name : str
        Of the explorable.
    text : str
        A list in YAML. Each entry has a ``name``, may have ``ask``, ``answers``, ``correct`` and
        ``before``, and a value for each field that it sets.

    Raises
    ------
    PresetError
        If it is no such list, or the explorable cannot show a state of it.
    """
    import yaml

    try:
        entries = yaml.safe_load(text)
        presets = [_preset(dict(entry)) for entry in entries]
        if not presets:
            raise ValueError("an empty list")
    except (yaml.YAMLError, TypeError, ValueError, KeyError) as error:
        raise PresetError(
            f"the explorable {name!r}: expected a list of presets, each with a name and values, "
            f"received {text.strip()[:60]!r} ({error})"
        ) from error
    if problems := _problems(name, presets):
        raise PresetError(f"the explorable {name!r}: {'; '.join(problems)}")
    return presets


def _preset(entry: dict[str, Any]) -> Preset:
    return Preset(
        name=str(entry.pop("name")),
        ask=str(entry.pop("ask", "")),
        answers=[str(answer) for answer in entry.pop("answers", [])],
        correct=str(entry.pop("correct", "")),
        before=str(entry.pop("before", "")),
        state={field: str(value) for field, value in entry.items()},
    )


def _problems(name: str, presets: list[Preset]) -> list[str]:
    """Let the explorable itself read the presets."""
    if name not in names():
        return [f"expected one of {', '.join(names())}"]
    asked = json.dumps([name, [preset.as_data() for preset in presets]])
    found: list[str] = json.loads(
        _context(name).eval(f"JSON.stringify(self.nnbookExplorables.problemsOf(...{asked}))")
    )
    return found


@cache
def _context(name: str) -> Any:
    import quickjs

    context = quickjs.Context()
    context.eval("globalThis.self = globalThis; 0")
    context.eval(f"{shared_script()}; 0")
    context.eval(f"{script(name)}; 0")
    return context
