"""Data augmentation: images moved, turned, resized and bent a little, at random.

A digit that is shifted, rotated or written by a less steady hand is still the same digit. A network
that sees such versions, new ones in each epoch, learns from more examples than were collected. The
elastic deformations are those of Simard, Steinkraus & Platt (2003), Best practices for
convolutional neural networks applied to visual document analysis, ICDAR, 958-963.

All functions take a batch of images at once. They ask, for each pixel of the new image, from which
place of the old one its gray value comes: places are (row, column) in pixels, counted from the
centre of the first pixel, and may lie between pixels or outside the image.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import ShapeError

Floats = NDArray[np.floating[Any]]

SMOOTHNESS = 4.0
"""Standard deviation, in pixels, of the Gaussian that smooths elastic displacements."""

CHUNK = 100
"""Images worked on at a time: few enough for what is computed on the way to stay in the cache."""


def augment(
    images: Floats,
    random: np.random.Generator,
    *,
    shape: tuple[int, int],
    shift: float = 0.0,
    rotation: float = 0.0,
    scaling: float = 0.0,
    elastic: float = 0.0,
) -> Floats:
    """Return a randomly transformed version of each image.

    Parameters
    ----------
    images : array of shape (n, pixels)
        Gray values, row by row; the background is 0.
    random : numpy.random.Generator
        It makes all choices, anew for each image.
    shape : tuple of int
        Rows and columns of an image.
    shift : float
        Largest shift in each of both directions, in pixels; uniform in [-shift, shift].
    rotation : float
        Largest rotation about the centre, in degrees; uniform in [-rotation, rotation].
    scaling : float in [0, 1)
        Largest relative change of size; the factor is uniform in [1 - scaling, 1 + scaling].
    elastic : float
        Root-mean-square elastic displacement in each of both directions, in pixels.

    Returns
    -------
    array of shape (n, pixels)
        Of the type of `images`, interpolated bilinearly, 0 where it shows what was outside.

    Raises
    ------
    ShapeError
        If `shape` does not have as many pixels as an image.
    """
    rows, columns = shape
    if images.ndim != 2 or images.shape[1] != rows * columns:
        raise ShapeError(
            f"images: expected the shape (n, {rows * columns}) for {rows} x {columns} pixels, "
            f"received {images.shape}"
        )
    result = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK].reshape(-1, rows, columns)
        n = len(chunk)
        places = affine_places(
            shape,
            shifts=random.uniform(-shift, shift, (2, n)),
            angles=np.radians(random.uniform(-rotation, rotation, n)),
            factors=random.uniform(1 - scaling, 1 + scaling, n),
        )
        if elastic:
            places += np.float32(elastic) * smooth_displacements(n, shape, random)
        result[start : start + n] = interpolate(chunk, places).reshape(n, -1)
    return result


def affine_places(
    shape: tuple[int, int], shifts: Floats, angles: Floats, factors: Floats
) -> NDArray[np.float32]:
    """Return the places that images take their pixels from when they are moved as a whole.

    The place of pixel p is c + R⁻¹ (p - c - t) / s, with the centre c, the shift t, the rotation R
    and the scaling factor s: an image is resized, then rotated, then shifted.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of an image.
    shifts : array of shape (2, n)
        Downwards and to the right, in pixels.
    angles : array of shape (n,)
        Rotations about the centre, in radians, clockwise.
    factors : array of shape (n,)
        Scaling factors; above 1 the image grows.

    Returns
    -------
    array of shape (2, n, rows, columns)
        Row and column of each place.
    """
    centre = (np.array(shape) - 1) / 2
    # Distances from the centre, of shape (n, rows, 1) and (n, 1, columns).
    down = (np.arange(shape[0]) - centre[0] - shifts[0][:, None])[:, :, None]
    right = (np.arange(shape[1]) - centre[1] - shifts[1][:, None])[:, None, :]
    cos, sin = (f(angles)[:, None, None] / factors[:, None, None] for f in (np.cos, np.sin))
    places = np.empty((2, len(angles), *shape), np.float32)
    np.add(centre[0] + cos * down, -sin * right, out=places[0], dtype=np.float32)
    np.add(sin * down, centre[1] + cos * right, out=places[1], dtype=np.float32)
    return places


def smooth_displacements(n: int, shape: tuple[int, int], random: np.random.Generator) -> Floats:
    """Return random displacements that hardly differ between neighbours.

    Independent normal numbers are smoothed along columns and rows. Each displacement is then normal
    with mean 0 and standard deviation 1 pixel, at the border of the image as in the middle.

    Returns
    -------
    array of shape (2, n, rows, columns)
        Displacements downwards and to the right, in pixels.
    """
    along_columns, along_rows = (_smoothing(size) for size in shape)
    noise = random.standard_normal((2, n, *shape), dtype=np.float32)
    return along_columns @ noise @ along_rows.T


def _smoothing(size: int) -> NDArray[np.float32]:
    distance = np.subtract.outer(np.arange(size), np.arange(size))
    weights = np.exp(-0.5 * (distance / SMOOTHNESS) ** 2)
    # Squares that add up to 1 keep the variance of independent numbers.
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights.astype(np.float32)


def interpolate(images: Floats, places: NDArray[np.float32]) -> Floats:
    """Return the gray values of images at places between their pixels, bilinearly.

    Parameters
    ----------
    images : array of shape (n, rows, columns)
        Gray values; beyond them there is 0.
    places : array of shape (2, n, ...)
        Row and column of the places asked for in each image.

    Returns
    -------
    array of shape (n, ...)
    """
    # One pixel of background around each image suffices, for places further out can be moved there,
    # and another one so that each place has a neighbour below and to the right.
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    n, height, width = padded.shape
    row, column = (
        np.clip(place + 1, 0, size - 2) for place, size in zip(places, (height, width), strict=True)
    )
    top, left = row.astype(np.intp), column.astype(np.intp)
    first = np.arange(n).reshape(n, *[1] * (row.ndim - 1)) * (height * width)
    corner = first + top * width + left
    down, right = row - top.astype(np.float32), column - left.astype(np.float32)
    gray = padded.ravel()
    above = _between(gray[corner], gray[corner + 1], right)
    below = _between(gray[corner + width], gray[corner + width + 1], right)
    return _between(above, below, down)


def _between(start: Floats, end: Floats, share: Floats) -> Floats:
    return start + share * (end - start)
