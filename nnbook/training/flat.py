"""The two forms of settings: flat, and with a table for each choice.

`flat` brings any mixture of them to the flat form, `nested` that to the form of `RunSpec`, and
`merged` changes some settings of others.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nnbook.errors import SpecError
from nnbook.training.choices import Choice, field_defaults
from nnbook.training.families import FAMILIES, FLAT, Family, address

Settings = dict[str, Any]

PATH = "data.path"
"""The setting that names a file."""


def flat(settings: Mapping[str, Any]) -> Settings:
    """Return settings in the flat form.

    Raises
    ------
    SpecError
        If what a table says of a field and what its flat name says contradict each other.

    Examples
    --------
    >>> flat({"epochs": 9, "optimizer": {"name": "adam", "learning_rate": 0.1, "beta_2": 0.9}})
    {'epochs': 9, 'optimizer': 'adam', 'learning_rate': 0.1, 'optimizer.beta_2': 0.9}
    """
    found: Settings = {}
    said: dict[str, str] = {}
    for as_said, name, value in _each(settings):
        if name in found and found[name] != value:
            raise SpecError(f"{said[name]} and {as_said} contradict each other: expected one")
        found[name], said[name] = value, as_said
    return found


def _each(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield each setting as it was said, its flat name, and its value."""
    for name, value in settings.items():
        if name in FAMILIES and isinstance(value, Mapping | Choice):
            yield from _each_of_choice(name, value)
        elif name == "normalization" and value == "batch":
            yield "normalization = 'batch'", "batch_normalization", True
        else:
            setting, dot, field = name.partition(".")
            flat_name = address(setting, field) if dot and setting in FAMILIES else name
            yield f"{name} = {value!r}", flat_name, value


def _each_of_choice(
    setting: str, choice: Mapping[str, Any] | Choice
) -> Iterator[tuple[str, str, Any]]:
    fields = choice.stated() if isinstance(choice, Choice) else dict(choice)
    family = FAMILIES[setting]
    if not fields and family.default is None:  # else an empty table changes nothing
        if family.implied is None:
            raise SpecError(f"{setting}: expected a table with a name, received an empty one")
        fields = {"name": family.implied}
    if "name" in fields:
        yield from _each({setting: fields.pop("name")})
    for name, value in fields.items():
        flat_name = address(setting, name)
        spelled = _spelled(flat_name, value)
        yield f"{setting}.{name} = {spelled!r}", flat_name, spelled


@lru_cache(maxsize=1024)  # the runs of a configuration share their choices, and need keys
def flat_choice(setting: str, choice: Choice | None, *, defaults: bool) -> Mapping[str, Any]:
    """Return a choice in the flat form, with values that JSON has.

    Parameters
    ----------
    setting : str
        The setting that it is the choice of.
    choice : Choice, optional
        None for none.
    defaults : bool
        Whether what is at its default is included, and what does not determine the run.
    """
    family = FAMILIES[setting]
    name = choice.name if choice else None
    named: Settings = {setting: name} if defaults or name != family.default else {}
    if choice is None:
        return named
    standard = field_defaults(type(choice))
    for field, value in choice:
        if field != "name" and (
            defaults or (field not in choice.outside_key and value != standard[field])
        ):
            flat_name = address(setting, field)
            # What is remembered must not change: a tuple of texts stays one.
            plain = value if isinstance(value, tuple) else in_json(value)
            named[flat_name] = _spelled(flat_name, plain)
    return flat(named)


def in_json(value: Any) -> Any:
    """Return a value of a setting as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Path):  # where it lies is of this machine
        return value.name
    return [in_json(item) for item in value] if isinstance(value, tuple) else value


def _spelled(flat_name: str, value: Any) -> Any:
    """Return a value in the words of the flat form."""
    if flat_name in FLAT and isinstance(value, str):
        return FLAT[flat_name][1].spelled.get(value, value)
    return value


def nested(settings: Mapping[str, Any]) -> Settings:
    """Return settings in the form of `RunSpec`, with a table for each choice.

    A flat name that says nothing of the choice, such as a momentum of 0 for Adam, is left out.

    Raises
    ------
    ValueError
        If one says something of a choice that has no such field.
    """
    rest = flat(settings)
    if (with_batches := rest.pop("batch_normalization", False)) is not False:
        if with_batches is not True:
            raise ValueError(
                f"batch_normalization: expected true or false, received {with_batches!r}"
            )
        if rest.get("normalization") is not None:
            raise ValueError(
                "batch_normalization: expected only without another normalization, received it "
                f"with {rest['normalization']!r}"
            )
        rest["normalization"] = "batch"
    found: Settings = {}
    for setting, family in FAMILIES.items():
        choice = _nested_choice(setting, family, rest)
        if choice is not None:
            found[setting] = choice
    return {**rest, **found}


def _nested_choice(setting: str, family: Family, rest: Settings) -> Settings | None:
    """Take what belongs to a choice out of `rest`, and return it as a table."""
    fields: Settings = {}
    for key in [*rest]:
        if key in family.flat or key.startswith(f"{setting}."):
            fields[key] = rest.pop(key)
    name: str | None = rest.pop(setting, None)
    if name is None and any(field not in family.flat for field in fields):
        name = family.implied
    if name is None:
        name = family.default
    member = family.members.get(name) if isinstance(name, str) else None
    choice: Settings = {"name": name}
    for address_, value in fields.items():
        if address_ not in family.flat:
            choice[address_.partition(".")[2]] = value
            continue
        entry = family.flat[address_]
        if (name is None or member) and not (member and entry.field in member.model_fields):
            _refuse(setting, address_, value, name)
            continue
        plain = {word: meant for meant, word in entry.spelled.items()}
        choice[entry.field] = plain.get(value, value) if isinstance(value, str) else value
    if name is None and len(choice) == 1:
        return None
    return choice


def _refuse(setting: str, flat_name: str, value: Any, name: str | None) -> None:
    """Raise an error unless the value is the neutral one."""
    entry = FLAT[flat_name][1]
    if value == entry.neutral:
        return
    having = " or ".join(map(repr, FAMILIES[setting].those_with(entry.field)))
    received = f"it with {name!r}" if name else "it without"
    raise ValueError(f"{flat_name}: expected only with {setting} {having}, received {received}")


def merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> Settings:
    """Return settings, flat, with some of them changed.

    A table with a name replaces a choice, one without a name changes some of its fields. Another
    name alone keeps the fields that have flat names, such as the learning rate, and drops the rest.

    >>> merged({"optimizer": "adam", "optimizer.beta_2": 0.9, "epochs": 9}, {"optimizer": "sgd"})
    {'epochs': 9, 'optimizer': 'sgd'}
    """
    kept, changed_to = flat(settings), flat(changes)
    if kept.get("normalization") and changed_to.get("batch_normalization") is False:
        del changed_to["batch_normalization"]  # it says nothing of another normalization
    for setting, family in FAMILIES.items():
        own = {setting} | ({"batch_normalization"} if setting == "normalization" else set())
        if not own & changed_to.keys():
            continue
        is_table = isinstance(changes.get(setting), Mapping | Choice)
        before, after = (
            {name: form.get(name, family.default if name == setting else None) for name in own}
            for form in (kept, changed_to)
        )
        for name in [*kept]:
            dotted = name.startswith(f"{setting}.")
            of_another = dotted and (is_table or before != after)
            if name in own or of_another or (is_table and name in family.flat):
                del kept[name]
    return {**kept, **changed_to}


def beside(folder: Path, settings: Mapping[str, Any]) -> Settings:
    """Return settings, flat, in which a path is whole that is relative to a folder."""
    return _with_path(settings, lambda path: str(folder / path))


def without_folders(settings: Mapping[str, Any]) -> Settings:
    """Return settings, flat, with no more of a path than the name of the file."""
    return _with_path(settings, lambda path: Path(path).name)


def _with_path(settings: Mapping[str, Any], changed: Callable[[str], str]) -> Settings:
    found = flat(settings)
    path = found.get(PATH)
    return {**found, PATH: changed(path)} if isinstance(path, str) else found
