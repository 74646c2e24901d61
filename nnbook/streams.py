"""Standard streams that are closed, full, or read by somebody who has gone.

Messages that cannot be written are lost, so that no training stops for want of somebody who watches
it. Results that cannot be written are an error. What an encoding has no character for is written as
its number, and so are control characters: names and texts of somebody else's files are printed, and
nothing in them may command a terminal.
"""

import io
import os
import sys
from typing import Any, TextIO

from nnbook.errors import OutputError

_COMMANDS = {
    number: f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
    for number in (
        *(number for number in range(0x20) if chr(number) not in "\n\t"),
        *range(0x7F, 0xA0),
        *(0x061C, 0x200E, 0x200F),  # these and the next ones change the direction of a text
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}
"""What is printed in the place of each control character, by its number."""


class ReaderGoneError(Exception):
    """Who read the output has enough of it, as in ``nnbook results NAME | head``."""


def prepare() -> None:
    """Make stdout and stderr of this process do what the module's docstring says."""
    _open_closed_ones()
    if sys.stdout is sys.__stdout__:  # else it is that of a notebook or a test
        sys.stdout = _text(_Results(1, "w", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Messages(2, "w", closefd=False), sys.stderr)


def _open_closed_ones() -> None:
    """Open something in the place of each stream that is closed.

    Else the next files to be opened, such as records, would get their numbers, and whatever
    libraries write to stdout and stderr. Stdout can still not be written to.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # Gets the lowest number that is free, this one. Processes that train need it, too.
            os.set_inheritable(os.open(os.devnull, flags), True)


def _text(raw: io.FileIO, old: TextIO | None) -> TextIO:
    return _Visible(
        io.BufferedWriter(raw),
        encoding=old.encoding if old else "utf-8",
        errors="backslashreplace",
        line_buffering=isinstance(raw, _Messages) or raw.isatty(),
    )


class _Visible(io.TextIOWrapper):
    """A text of which control characters are shown, not carried out.

    A progress bar begins what it writes with a carriage return. No other text does.
    """

    def write(self, text: str) -> int:
        start = text[: text.startswith("\r")]
        super().write(start + text[len(start) :].translate(_COMMANDS))
        return len(text)


class _Messages(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


class _Results(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self._give_up()
            if isinstance(error, BrokenPipeError):
                raise ReaderGoneError from None
            raise OutputError(f"the output cannot be written ({error.strerror})") from None

    def _give_up(self) -> None:
        """Let what is still to be written go nowhere: it would be the same error once more."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
