"""Families of settings: an optimizer, a schedule, a data set and the like, each one of several.

A member of a family is a small class in a module of its own, in the folder of the family. It has a
name, its own fields with their defaults, and says what it is in Keras. Whatever lies in the folder
is a member, without a list that must be kept: `collected` finds it.

In an experiment file a choice is a table, such as ``optimizer = {name = "adam", beta_2 = 0.99}``.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MOST_EPOCHS = 10_000_000

Epochs = Annotated[int, Field(ge=1, le=MOST_EPOCHS)]
"""A number of epochs."""


class Choice(BaseModel):
    """A member of a family, with its settings; `name` tells it from the others."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    outside_key: ClassVar[frozenset[str]] = frozenset()
    """Fields that do not determine what comes out of a run, such as the path of a file."""

    name: str

    def stated(self) -> dict[str, Any]:
        """Return what an experiment file would say of it."""
        return dict(self)

    @classmethod
    def label(cls) -> str:
        """Return the name of the members of this class."""
        (label,) = get_args(cls.model_fields["name"].annotation)
        return str(label)


Member = TypeVar("Member", bound=Choice)


def collected(package: str, family: Callable[..., Member]) -> Mapping[str, type[Member]]:
    """Return the members of a family by name, in alphabetical order.

    Parameters
    ----------
    package : str
        The package whose modules hold them.
    family : type, perhaps abstract
        Their base class.
    """
    base = cast(type[Member], family)
    found: dict[str, type[Member]] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        content = importlib.import_module(f"{package}.{module.name}")
        for member in vars(content).values():
            if not (isinstance(member, type) and member.__module__ == content.__name__):
                continue
            if issubclass(member, base) and _has_name(member):
                label = member.label()
                if label in found:
                    raise TypeError(f"two of {package} are called {label!r}")
                found[label] = member
    return MappingProxyType(dict(sorted(found.items())))


def _has_name(member: type[Choice]) -> bool:
    return getattr(member.model_fields["name"].annotation, "__origin__", None) is Literal


@dataclass(frozen=True, eq=False)
class OneOf:
    """Marks a field of the type of a family: pydantic reads the member that `name` tells."""

    members: Mapping[str, type[Choice]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of a union that is told apart by the name."""
        choices = {name: handler.generate_schema(member) for name, member in self.members.items()}
        return core_schema.tagged_union_schema(choices, discriminator="name")


@cache
def field_defaults(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return the default of each field; Ellipsis for one that must be given."""
    fields = model.model_fields.items()
    return {name: ... if field.is_required() else field.default for name, field in fields}
