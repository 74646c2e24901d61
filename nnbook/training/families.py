"""The settings of a run that are choices, and the flat names of theirs that need no table.

``optimizer = {name = "sgd", momentum = 0.9}`` and ``optimizer = "sgd"`` with ``momentum = 0.9`` say
the same. The flat form came first. It is what the keys of runs are made of, so that a run has the
same key however it is written, and what chapters vary: ``configuration.vary(momentum=0.9)``. What
has no flat name is addressed by a dot, ``"optimizer.beta_2"``.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from nnbook.training.choices import Choice
from nnbook.training.datasets import DATA_SETS
from nnbook.training.initializers import INITIALIZERS
from nnbook.training.normalizations import NORMALIZATIONS
from nnbook.training.optimizers import OPTIMIZERS
from nnbook.training.regularizers import REGULARIZERS
from nnbook.training.schedules import SCHEDULES
from nnbook.training.stopping import STOPPING_RULES


@dataclass(frozen=True)
class FlatName:
    """A name that stands for a field of a choice.

    Attributes
    ----------
    field : str
        Name of the field.
    neutral : value, optional
        What the flat form may say of a choice that has no such field, such as a momentum of 0.
    spelled : mapping
        How the flat form spells the values of the field, where it has words of its own.
    """

    field: str
    neutral: Any = None
    spelled: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A setting that is a choice.

    Attributes
    ----------
    members : mapping
        Their classes by name.
    default : str, optional
        The one that a run has which does not say; None where it has none then.
    implied : str, optional
        The one that is meant by a table without a name.
    flat : mapping
        Flat names of fields.
    """

    members: Mapping[str, type[Choice]]
    default: str | None = None
    implied: str | None = None
    flat: Mapping[str, FlatName] = dataclasses.field(default_factory=dict)

    def those_with(self, field_name: str) -> list[str]:
        """Return the names of the members that have a field."""
        return [name for name, item in self.members.items() if field_name in item.model_fields]


PLACES = {"before": "pre-activations", "after": "activations"}

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "data": Family(
            DATA_SETS,
            "eckerle4",
            "eckerle4",
            {
                "training_fraction": FlatName("training_fraction", 0.6),
                "training_size": FlatName("training_size", None),
                "noise": FlatName("noise", 0.0),
            },
        ),
        "initializer": Family(
            INITIALIZERS,
            "glorot_uniform",
            "glorot_uniform",
            {"initial_deviation": FlatName("deviation", 0.05)},
        ),
        "normalization": Family(
            NORMALIZATIONS,
            flat={"normalized": FlatName("place", "pre-activations", PLACES)},
        ),
        "regularizer": Family(
            REGULARIZERS,
            "l1_l2",
            "l1_l2",
            {name: FlatName(name, 0.0) for name in ("l1", "l2", "bias_l1", "bias_l2")},
        ),
        "optimizer": Family(
            OPTIMIZERS,
            "sgd",
            "sgd",
            {
                "learning_rate": FlatName("learning_rate"),
                "momentum": FlatName("momentum", 0.0),
                "nesterov": FlatName("nesterov", False),
            },
        ),
        "schedule": Family(
            SCHEDULES, "constant", "constant", {"final_fraction": FlatName("final_fraction", 1.0)}
        ),
        "early_stopping": Family(STOPPING_RULES, implied="patience"),
    }
)

FLAT: Mapping[str, tuple[str, FlatName]] = MappingProxyType(
    {
        flat: (setting, entry)
        for setting, family in FAMILIES.items()
        for flat, entry in family.flat.items()
    }
)
"""Of each flat name, the setting that it belongs to, and what it stands for."""


@cache
def address(setting: str, field_name: str) -> str:
    """Return what the flat form calls a field of a choice.

    >>> address("optimizer", "momentum"), address("optimizer", "beta_2")
    ('momentum', 'optimizer.beta_2')
    """
    for flat, entry in FAMILIES[setting].flat.items():
        if entry.field == field_name:
            return flat
    return f"{setting}.{field_name}"


def addresses(setting: str) -> Iterator[str]:
    """Yield what the flat form calls the fields of all members of a family."""
    family = FAMILIES[setting]
    names = {name: None for item in family.members.values() for name in item.model_fields}
    for name in names:
        if name != "name":
            yield address(setting, name)
