"""NIST's Eckerle4: 35 transmittances of a filter at different wavelengths."""

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook.errors import DataError
from nnbook.training.datasets.base import Curve, DataSet, Facts, Fraction, Scaling, Split
from nnbook.training.datasets.files import data_file, finite_numbers, read_table

ECKERLE4_SHA256 = "e5f6c1a9ea9e645be6c6921d7304b7fa23e89d79198bd023cbd9eca0112b65df"
ECKERLE4_COLUMNS = ("transmittance", "wavelength_nm")
OBSERVATIONS = 35


@cache
def eckerle4() -> NDArray[np.float64]:
    """Return the Eckerle4 observations, shape (35, 2).

    Column 0 is the transmittance (dimensionless), column 1 the wavelength in nanometers, as NIST
    gives them (see ``data/README.md``).

    Raises
    ------
    DataError
        If the file is missing, has a bad cell, or is not what its digest promises.
    """
    path = data_file("eckerle4.csv")
    columns = read_table(path, ECKERLE4_COLUMNS)
    table = np.column_stack([finite_numbers(path, *column) for column in columns.items()])
    if hashlib.sha256(path.read_bytes()).hexdigest() != ECKERLE4_SHA256:
        raise DataError(
            f"{path}: the content is not NIST's Eckerle4 (SHA-256 differs); "
            f"restore the file from the repository"
        )
    table.flags.writeable = False
    return table


def eckerle4_scaling() -> tuple[Scaling, Scaling]:
    """Return the scaling of the wavelength and that of the transmittance.

    Both use minimum and maximum of all 35 observations, as the lab asks. Strictly this lets the
    test set into the scaling of the training set. It does no harm here: two numbers per column
    say nothing about the shape of the curve, and one unit for all splits is what makes errors
    comparable between them, and with the certified model.
    """
    table = eckerle4()
    transmittance, wavelength = (
        Scaling(low, high) for low, high in zip(table.min(axis=0), table.max(axis=0), strict=True)
    )
    return wavelength, transmittance


class Eckerle4(DataSet):
    """The wavelength is the input, the transmittance the output; both are scaled to [0, 1].

    Parameters
    ----------
    training_fraction : float in (0, 1)
        Share of the observations that is trained on; the others are the test set.
    noise : float
        Standard deviation of normal noise added to the training targets, in their scaled units
        (dimensionless); the test targets stay as they were measured.
    """

    name: Literal["eckerle4"] = "eckerle4"
    training_fraction: Fraction = 0.6
    noise: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @property
    def facts(self) -> Facts:
        """What is known without reading it."""
        training = round(OBSERVATIONS * self.training_fraction)
        return Facts(training, 0, OBSERVATIONS - training, inputs=1)

    @property
    def resplits(self) -> bool:
        """Whether the split decides on the test set, too: all examples are shuffled."""
        return True

    @property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return ECKERLE4_SHA256

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        if not (self.facts.training and self.facts.test):
            yield (
                f"training_fraction: expected to leave examples for both training and test, "
                f"received {self.training_fraction}"
            )

    def curve(self, split: int) -> Curve:
        """Return all observations, in nm and as shares of the light."""
        transmittance, wavelength = eckerle4().T
        return Curve(wavelength, transmittance, ECKERLE4_COLUMNS[::-1], eckerle4_scaling())

    def for_programs(self) -> Self:
        """Return it without noise."""
        return self.model_copy(update={"noise": 0.0})

    def load(self, split: int) -> Split:
        """Return the parts, in the order of the file; `split` is the seed of the noise, too."""
        wavelength, transmittance = eckerle4_scaling()
        x = wavelength.scale(eckerle4()[:, 1:])
        y = transmittance.scale(eckerle4()[:, :1])
        random = np.random.default_rng(split)
        shuffled = random.permutation(len(x))
        border = self.facts.training
        training, test = np.sort(shuffled[:border]), np.sort(shuffled[border:])
        noisy = y[training] + self.noise * random.standard_normal((border, 1))
        return Split(x[training], noisy, x[test], y[test])
