"""The lab room: what students hand in and instructors mark.

>>> from nnbook.lab import Report
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnbook.lab.report import Report

__all__ = ["Report"]


def __getattr__(name: str) -> Any:
    """Import `Report` when it is first asked for, since most users of this room do not need it."""
    if name == "Report":
        from nnbook.lab.report import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
