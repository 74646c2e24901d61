import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage, stats

from nnbook.errors import ShapeError
from nnbook.training import augmentation
from nnbook.training.augmentation import affine_places, augment, interpolate, smooth_displacements

Array = NDArray[Any]
SHAPE = (28, 28)
ALL: dict[str, float] = {"shift": 2.0, "rotation": 15.0, "scaling": 0.15, "elastic": 1.5}


def noise_images(n: int, shape: tuple[int, int] = SHAPE) -> Array:
    random = np.random.default_rng(0)
    return random.random((n, shape[0] * shape[1]), dtype=np.float32)


def blobs(n: int) -> Array:
    """Return images of a round spot of ink in the middle, 3 pixels wide."""
    squares = (np.arange(28) - 13.5) ** 2
    spot = np.exp(-np.add.outer(squares, squares) / (2 * 3**2))
    return np.tile(spot.ravel().astype(np.float32), (n, 1))


def places_chosen(n: int, shape: tuple[int, int], seed: int = 0, **amplitudes: float) -> Array:
    """Return the places, shape (2, n, rows, columns), that `augment` takes the pixels from.

    The gray value of the images says in which row, or column, it is. Interpolation keeps that
    exactly, but for places outside the image.
    """
    return np.array(
        [
            augment(
                np.tile(ramp.ravel().astype(float), (n, 1)),
                np.random.default_rng(seed),
                shape=shape,
                **amplitudes,
            ).reshape(n, *shape)
            for ramp in np.indices(shape)
        ]
    )


def test_without_amplitudes_nothing_changes() -> None:
    images = noise_images(205)
    result = augment(images, np.random.default_rng(0), shape=SHAPE)
    assert result.dtype == np.float32
    assert result.tobytes() == images.tobytes()
    assert not np.shares_memory(result, images)


@pytest.mark.parametrize(("down", "right"), [(0, 3), (2, 0), (-1, 2), (-5, -4), (27, 0), (40, 1)])
def test_a_shift_by_whole_pixels_moves_the_pixels(down: int, right: int) -> None:
    images = noise_images(3).reshape(3, 28, 28)
    shifts = np.array([[down] * 3, [right] * 3])
    places = affine_places(SHAPE, shifts, angles=np.zeros(3), factors=np.ones(3))
    larger = np.pad(images, ((0, 0), (50, 50), (50, 50)))
    expected = np.roll(larger, (down, right), axis=(1, 2))[:, 50:-50, 50:-50]
    np.testing.assert_array_equal(interpolate(images, places), expected)


@pytest.mark.parametrize("shape", [(28, 28), (7, 10)])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_quarter_turn_is_numpys(quarters: int, shape: tuple[int, int]) -> None:
    if shape[0] != shape[1]:
        quarters *= 2  # a half turn keeps the shape
    images = noise_images(2, shape).reshape(2, *shape)
    angles = np.full(2, quarters * np.pi / 2)
    places = affine_places(shape, np.zeros((2, 2)), angles, factors=np.ones(2))
    clockwise = np.rot90(images, -quarters, axes=(1, 2))
    np.testing.assert_allclose(interpolate(images, places), clockwise, atol=1e-5)


def test_twice_the_size_shows_the_middle_of_the_image() -> None:
    image = np.arange(25, dtype=np.float32).reshape(1, 5, 5)
    places = affine_places((5, 5), np.zeros((2, 1)), np.zeros(1), factors=np.array([2.0]))
    result = interpolate(image, places)[0]
    np.testing.assert_array_equal(result[::2, ::2], image[0, 1:4, 1:4])
    assert result[1, 2] == (image[0, 1, 2] + image[0, 2, 2]) / 2


def test_any_affine_map_is_scipys() -> None:
    random = np.random.default_rng(1)
    images = noise_images(8, (20, 28)).reshape(8, 20, 28)
    shifts = random.uniform(-4, 4, (2, 8))
    angles = random.uniform(-3, 3, 8)
    factors = random.uniform(0.5, 2, 8)
    result = interpolate(images, affine_places((20, 28), shifts, angles, factors))
    centre = np.array([9.5, 13.5])
    for i, angle in enumerate(angles):
        back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = back / factors[i]
        expected = ndimage.affine_transform(
            images[i].astype(float),
            matrix,
            offset=centre - matrix @ (centre + shifts[:, i]),
            order=1,
            mode="grid-constant",
        )
        np.testing.assert_allclose(result[i], expected, atol=2e-5)


def test_any_place_is_interpolated_as_by_scipy() -> None:
    random = np.random.default_rng(2)
    images = noise_images(4, (9, 12)).reshape(4, 9, 12)
    places = random.uniform(-15, 25, (2, 4, 500)).astype(np.float32)
    result = interpolate(images, places)
    assert (result == 0).any()
    for image, rows, columns, values in zip(images, *places, result, strict=True):
        expected = ndimage.map_coordinates(
            image.astype(float), [rows, columns], order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(values, expected, atol=1e-5)


@pytest.mark.parametrize("place", [-1e9, -1.0, 28.0, 1e9])
def test_what_is_outside_is_background(place: float) -> None:
    places = np.array([13.0, place], np.float32).reshape(2, 1, 1)
    assert interpolate(np.ones((1, 28, 28), np.float32), places) == 0
    assert interpolate(np.ones((1, 28, 28), np.float32), places[::-1]) == 0


def uniform(values: Array, low: float, high: float) -> bool:
    return float(stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue) > 0.01


def test_shifts_are_uniform_and_independent_in_both_directions() -> None:
    places = places_chosen(2_000, (11, 11), shift=3.0)
    down, right = 5 - places[:, :, 5, 5]
    assert uniform(down, -3, 3)
    assert uniform(right, -3, 3)
    assert stats.pearsonr(down, right).pvalue > 0.01
    # The image is moved as a whole.
    np.testing.assert_allclose(places[0, :, 6, 4] - places[0, :, 5, 5], 1, atol=1e-5)
    np.testing.assert_allclose(places[1, :, 6, 4] - places[1, :, 5, 5], -1, atol=1e-5)


def test_rotations_and_scaling_factors_are_uniform_about_a_fixed_centre() -> None:
    places = places_chosen(2_000, (11, 11), rotation=20.0, scaling=0.3)
    np.testing.assert_allclose(places[:, :, 5, 5], 5, atol=1e-5)
    step = places[:, :, 6, 5] - places[:, :, 5, 5]  # what one pixel down is in the old image
    assert uniform(np.degrees(np.arctan2(step[1], step[0])), -20, 20)
    assert uniform(1 / np.hypot(*step), 0.7, 1.3)
    across = places[:, :, 5, 6] - places[:, :, 5, 5]
    np.testing.assert_allclose(across, [-step[1], step[0]], atol=1e-5)


def test_elastic_is_the_root_mean_square_displacement() -> None:
    shape = (40, 40)
    places = places_chosen(1_000, shape, elastic=1.2)
    displacements = (places - np.indices(shape)[:, None])[:, :, 10:30, 10:30]
    for direction in displacements:
        assert abs(np.sqrt(np.mean(direction**2)) - 1.2) < 0.03
        assert abs(direction.mean()) < 0.05
    assert abs(stats.pearsonr(*displacements[:, :, 10, 10]).statistic) < 0.1


def test_displacements_are_smooth_and_the_same_everywhere() -> None:
    field = smooth_displacements(5_000, (28, 20), np.random.default_rng(0))
    assert field.shape == (2, 5_000, 28, 20)
    assert field.dtype == np.float32
    # Five standard errors of a standard deviation from 5,000 numbers.
    assert np.abs(field.std(axis=1) - 1).max() < 5 / np.sqrt(2 * 5_000)
    # Two smoothed numbers at a distance d correlate as exp(-d² / 4 sigma²), far from the border.
    middle = field[0, :, 14, :]
    for distance in (1, 4):
        correlation = np.corrcoef(middle[:, 10], middle[:, 10 + distance])[0, 1]
        assert abs(correlation - np.exp(-(distance**2) / (4 * 4.0**2))) < 0.03


def test_the_ink_is_kept() -> None:
    images = blobs(400)
    for name, tolerance in [("shift", 1e-3), ("rotation", 1e-3), ("elastic", 0.03)]:
        result = augment(images, np.random.default_rng(3), shape=SHAPE, **{name: ALL[name]})
        assert abs(result.sum() / images.sum() - 1) < tolerance
        assert -1e-6 < result.min() <= result.max() < 1 + 1e-6
    larger = augment(images, np.random.default_rng(3), shape=SHAPE, scaling=0.15)
    # An image s times as large has s² times the ink: 1 + 0.15² / 3 on average.
    assert abs(larger.sum() / images.sum() - 1.0075) < 0.02


def test_each_image_has_its_own_transformation_and_the_generator_decides() -> None:
    images = blobs(2 * augmentation.CHUNK + 5)
    first, again, other = (
        augment(images, np.random.default_rng(seed), shape=SHAPE, **ALL) for seed in (1, 1, 2)
    )
    assert first.tobytes() == again.tobytes()
    assert len(np.unique(np.concatenate([first, other]), axis=0)) == 2 * len(images)
    assert images.tobytes() == blobs(len(images)).tobytes()


def test_the_generator_goes_on() -> None:
    random = np.random.default_rng(0)
    first, second = (augment(blobs(2), random, shape=SHAPE, shift=1.0) for _ in range(2))
    assert not np.array_equal(first, second)


def test_little_memory_is_taken_on_the_way() -> None:
    images = noise_images(3_000)
    tracemalloc.start()
    augment(images, np.random.default_rng(0), shape=SHAPE, **ALL)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - images.nbytes < 10e6


def test_no_images_are_no_images() -> None:
    assert augment(noise_images(0), np.random.default_rng(0), shape=SHAPE, **ALL).shape == (0, 784)


@pytest.mark.parametrize("images", [np.zeros((2, 64)), np.zeros((2, 28, 28)), np.zeros(784)])
def test_images_of_another_shape_are_refused(images: Array) -> None:
    with pytest.raises(ShapeError, match=r"expected the shape \(n, 784\) for 28 x 28 pixels"):
        augment(images, np.random.default_rng(0), shape=SHAPE)
