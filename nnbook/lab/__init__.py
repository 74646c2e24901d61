"""The lab room: what students hand in and instructors mark.

`folder` is the student's lab, `answers` what was written, `placeholders` and `elements` what stands
in it for records, `report` the PDF, `checks` what is missing, `manifest` what a marker repeats, and
`commands` all of it on the command line. Figures and tables are those of `nnbook.publishing`, which
does not know this room.

>>> from nnbook.lab import Report
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnbook.lab.own_results import record
    from nnbook.lab.report import Report

__all__ = ["Report", "record"]


def __getattr__(name: str) -> Any:
    """Import what is first asked for, since most users of this room do not need it."""
    if name == "Report":
        from nnbook.lab.report import Report

        return Report
    if name == "record":
        from nnbook.lab.own_results import record

        return record
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
