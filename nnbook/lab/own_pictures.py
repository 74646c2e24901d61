"""Pictures of a student's own, which answers show: found, and refused where they are no picture."""

import re
from collections.abc import Callable
from pathlib import Path

from nnbook.errors import LabError, nearest
from nnbook.lab.folder import Lab

PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp")
LARGEST_PICTURE = 20 * 2**20  # bytes
MOST_PIXELS = 50 * 10**6


def picture_path(lab: Lab, target: str, error: Callable[[str], LabError]) -> Path:
    """Return the file of a picture, which must lie in the lab's folder."""
    from urllib.parse import unquote

    if re.match(r"[a-zA-Z][\w+.-]*:", target):
        raise error(f"picture {target!r}: expected a file in the lab's folder, not an address")
    folder = lab.folder.resolve()
    try:
        path = (folder / unquote(target)).resolve()
        inside = path.is_relative_to(folder)
        size = path.stat().st_size if inside and path.is_file() else -1
    except (OSError, ValueError):
        raise error(f"picture {target!r}: no such file") from None
    if not inside:
        raise error(f"picture {target!r}: expected a file in the lab's folder, this is outside")
    if size < 0:
        files = (
            file.relative_to(folder).as_posix()
            for file in folder.rglob("*")
            if file.suffix.lower() in PICTURES
        )
        known = sorted(files)
        hint = nearest(target, known) if known else "the folder holds no pictures"
        raise error(f"picture {target!r}: no such file, {hint}")
    if path.suffix.lower() not in PICTURES:
        raise error(f"picture {target!r}: expected {', '.join(PICTURES)}, received {path.suffix}")
    if size > LARGEST_PICTURE:
        raise error(f"picture {target!r}: expected at most 20 MiB, received {size / 2**20:.0f} MiB")
    if path.suffix.lower() != ".svg":
        _check_pixels(path, target, error)
    return path


def _check_pixels(path: Path, target: str, error: Callable[[str], LabError]) -> None:
    """Refuse what is no picture, and a small file that unpacks to an enormous one."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            pixels = picture.width * picture.height
    except Image.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        raise error(f"picture {target!r}: the file is damaged, or no {path.suffix}") from None
    if pixels > MOST_PIXELS:
        raise error(f"picture {target!r}: expected at most {MOST_PIXELS // 10**6} million pixels")
