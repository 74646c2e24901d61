"""Errors that say what was expected, what was received and what to do.

Everything that a user can cause derives from `NNBookError`; the command line prints its message
and exits with status 2.
"""

import difflib
from collections.abc import Iterable, Sequence


class NNBookError(Exception):
    """Base of all errors that a user of the package can cause."""


class ShapeError(NNBookError):
    """An array does not fit the layer or function it was given to."""


class GradientError(NNBookError):
    """A gradient does not agree with the reference that it is checked against."""


class DerivationError(NNBookError):
    """A step of a symbolic derivation does not hold."""


class SpecError(NNBookError):
    """A run, experiment or configuration cannot be what it says."""


class DataError(NNBookError):
    """A data file is missing, damaged or not what its digest promises."""


class RecordError(NNBookError):
    """A recorded result is truncated, edited by hand or cannot be written."""


class ClaimError(NNBookError):
    """A claim of the book is false, or cannot be what it says."""


class LabError(NNBookError):
    """A student's lab cannot be what it says, or its report cannot be made."""


class OutputError(NNBookError):
    """What a command has to say cannot be written to stdout."""


class MissingRunsError(NNBookError):
    """Results are asked for that are not on record; the message says how to make them."""


_LISTED, _LONGEST = 20, 100  # names of a long list that a message holds, letters of each


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint that ends an error message about an unknown name.

    Parameters
    ----------
    name : str
        What was received.
    known : iterable of str
        The names that would have been accepted.

    Returns
    -------
    str
        The most similar known name if there is one, else the list of them, as far as one reads it.

    Examples
    --------
    >>> nearest("sigmoyd", ["tanh", "sigmoid"])
    "did you mean 'sigmoid'?"
    >>> nearest("x", ["tanh", "sigmoid"])
    "known are 'sigmoid', 'tanh'"
    """
    choices = sorted(known)
    if close := _closest(name, choices):
        return f"did you mean {close!r}?"
    return f"known are {some_of(choices)}"


def some_of(names: Sequence[str]) -> str:
    """Return names as a text, as far as one reads it.

    Examples
    --------
    >>> some_of(["x", "y"])
    "'x', 'y'"
    """
    more = len(names) - _LISTED
    listed = ", ".join(repr(name[:_LONGEST]) for name in names[:_LISTED])
    return listed + (f" and {more} more" if more > 0 else "")


def perhaps(received: object, known: Iterable[str]) -> str:
    """Return the hint that follows an error message which lists the names that are known.

    Examples
    --------
    >>> perhaps("sigmoyd", ["tanh", "sigmoid"])
    ", did you mean 'sigmoid'?"
    >>> perhaps(5, ["tanh", "sigmoid"])
    ''
    """
    close = _closest(received, known) if isinstance(received, str) else None
    return f", did you mean {close!r}?" if close else ""


def _closest(name: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name, list(known), n=1)
    return close[0] if close else None
