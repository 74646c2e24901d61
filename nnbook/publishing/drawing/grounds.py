"""Pictures of numbers, such as weights and digits, whose ground is that of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LIGHT = 0.9
_DARK_PAPER = 0x12 / 0xFF


def has_light_ground(image: Any) -> bool:
    """Say whether a picture's colors begin, or have their middle, at the white of a page.

    Parameters
    ----------
    image : matplotlib.image.AxesImage
    """
    if np.ndim(image.get_array()) != 2:
        return False  # it has colors of its own
    return any(min(image.cmap(share)[:3]) > _LIGHT for share in (0.0, 0.5))


def on_dark_ground(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture for a dark page: of the same hues, what was light being dark.

    Lightness is exchanged as in HLS, where it is the mean of the largest and the smallest of red,
    green and blue; black is then the ground of the page.

    Parameters
    ----------
    pixels : array of shape (rows, columns, 4)
        Red, green, blue and opacity, of 255 each.

    Examples
    --------
    >>> on_dark_ground(np.array([[[255, 255, 255, 255], [27, 108, 168, 255]]], np.uint8)).tolist()
    [[[18, 18, 18, 255], [99, 174, 230, 255]]]
    """
    colors = pixels[..., :3] / 255
    exchanged = colors + 1 - colors.max(axis=-1, keepdims=True) - colors.min(axis=-1, keepdims=True)
    shown = _DARK_PAPER + (1 - _DARK_PAPER) * exchanged
    return np.concatenate([np.rint(255 * shown).astype(np.uint8), pixels[..., 3:]], axis=-1)
