"""Pictures of a student's own, which answers show: found, and refused where they are no picture."""

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nnbook.errors import LabError, nearest
from nnbook.lab import files
from nnbook.lab.folder import Lab
from nnbook.lab.typst import problems_of
from nnbook.lab.unheard import line_of
from nnbook.publishing.paper.code import call

PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp")
LARGEST_PICTURE = 20 * 2**20  # bytes
MOST_PIXELS = 50 * 10**6


class OwnPictures:
    """The pictures that answers show, each once.

    Parameters
    ----------
    lab : Lab
        Whose folder holds them.
    add_picture : callable
        Keeps the content and the ending of a picture, and returns its name in Typst.
    error : callable
        Makes the error of a message.
    """

    def __init__(
        self, lab: Lab, add_picture: Callable[[bytes, str], str], error: Callable[[str], LabError]
    ) -> None:
        self._lab = lab
        self._add_picture = add_picture
        self._error = error
        self._shown: dict[str, tuple[bytes, str]] = {}

    def __len__(self) -> int:
        """Return how many have been shown."""
        return len(self._shown)

    def add(self, target: str) -> tuple[str, str]:
        """Return the name and the label of a picture in the lab's folder.

        Raises
        ------
        LabError
            If there is no such picture, or it is shown already.
        """
        path = _picture_path(self._lab, target, self._error_at(target))
        content = _read_picture(path, target, self._error_at(target))
        if target in self._shown:
            error = self._error_at(target, last=True)
            raise error(f"picture {target!r} is shown twice; refer to it instead")
        self._shown[target] = content, path.suffix.lower()
        return self._add_picture(*self._shown[target]), f"image:{target}"

    @property
    def digests(self) -> list[str]:
        """SHA-256 of each picture."""
        return [hashlib.sha256(content).hexdigest() for content, _ in self._shown.values()]

    def refuse_unusable(self) -> None:
        """Refuse a picture that cannot be set, with its name.

        Raises
        ------
        LabError
            If there is one that is damaged, or would be set for ever.
        """
        _refuse_unusable(self._shown, self._error_at)

    def _error_at(self, target: str, *, last: bool = False) -> Callable[[str], LabError]:
        """Return what makes the error of a message, with the line that shows a picture."""

        def error(message: str) -> LabError:
            line = line_of(self._lab, f"]({target}", f"({target}", target, last=last)
            return self._error(f"{line}{message}")

        return error


def _picture_path(lab: Lab, target: str, error: Callable[[str], LabError]) -> Path:
    """Return the file of a picture, which must lie in the lab's folder."""
    from urllib.parse import unquote

    if re.match(r"[a-zA-Z][\w+.-]*:", target):
        raise error(f"picture {target!r}: expected a file in the lab's folder, not an address")
    folder = lab.folder.resolve()
    try:
        path = (folder / unquote(target)).resolve()
        inside = path.is_relative_to(folder)
        is_file = inside and path.is_file()
        size = path.stat().st_size if is_file else -1
        is_other = inside and not is_file and path.exists()
    except (OSError, ValueError):
        raise error(f"picture {target!r}: no such file") from None
    if not inside:
        raise error(f"picture {target!r}: expected a file in the lab's folder, this is outside")
    if is_other:
        raise error(f"picture {target!r}: expected a file, this is none")
    if size < 0:
        others = (
            file.relative_to(folder).as_posix()
            for file in folder.rglob("*")
            if file.suffix.lower() in PICTURES and file.is_file()
        )
        known = sorted(others)
        hint = nearest(target, known) if known else "the folder holds no pictures"
        raise error(f"picture {target!r}: no such file, {hint}")
    if path.suffix.lower() not in PICTURES:
        raise error(f"picture {target!r}: expected {', '.join(PICTURES)}, received {path.suffix}")
    if size > LARGEST_PICTURE:
        raise error(f"picture {target!r}: expected at most 20 MiB, received {size / 2**20:.0f} MiB")
    return path


def _read_picture(path: Path, target: str, error: Callable[[str], LabError]) -> bytes:
    """Return the content of a picture."""
    try:
        content = files.read(path, LARGEST_PICTURE)
    except (LabError, FileNotFoundError) as problem:
        raise error(f"picture {target!r}: {problem}") from None
    if path.suffix.lower() != ".svg":
        _check_pixels(content, path.suffix, target, error)
    return content


def _check_pixels(
    content: bytes, suffix: str, target: str, error: Callable[[str], LabError]
) -> None:
    """Refuse what is no picture, and a small file that unpacks to an enormous one."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as picture:
            pixels = picture.width * picture.height
    except Image.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        raise error(f"picture {target!r}: the file is damaged, or no {suffix}") from None
    if pixels > MOST_PIXELS:
        raise error(f"picture {target!r}: expected at most {MOST_PIXELS // 10**6} million pixels")


def width_of(attributes: list[Any]) -> str:
    """Return the width that a picture asks for, as Typst code: at most that of the text."""
    asked = dict(attributes[2]).get("width", "")
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,6})?)(%|cm|mm|in|em|pt|px|)", asked)
    if not match or not float(match[1]):
        return "auto"
    if match[2] in ("px", ""):
        return f"{float(match[1]) * 72 / 96:g}pt"
    return f"{match[1]}{match[2]}"


def _refuse_unusable(
    pictures: Mapping[str, tuple[bytes, str]],
    error_at: Callable[[str], Callable[[str], LabError]],
) -> None:
    """Refuse a picture that cannot be set: damaged, or set to take for ever.

    Parameters
    ----------
    pictures : mapping of str to (bytes, str)
        Contents and endings, by what the answers call them.
    error_at : callable
        Returns what makes the error of a message about a picture.
    """
    if not pictures:
        return
    with TemporaryDirectory(prefix="nnbook-pictures-") as name:
        folder = Path(name)
        codes = []
        for number, (content, ending) in enumerate(pictures.values()):
            copy = f"{number}{ending}"
            (folder / copy).write_bytes(content)
            codes.append(call("image", f"/{copy}", alt="x"))
        for target, problem in zip(pictures, problems_of(codes, folder), strict=True):
            if problem:
                raise error_at(target)(f"picture {target!r}: cannot be set: {problem}")
