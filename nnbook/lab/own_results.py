"""Results of a student's own code: written down when it has run, shown, and never repeated."""

import datetime
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from nnbook.errors import LabError
from nnbook.lab import files
from nnbook.lab.tasks import LARGEST_MEASURED, Bounded, Table
from nnbook.schema import parse

FOLDER = "own"
MOST_FILES, MOST_EPOCHS = 200, 100_000
LARGEST = 5 * 2**20  # bytes

Name = Annotated[str, Field(pattern=r"^\w[\w.+-]{0,59}$")]
Metric = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")]
Values = Annotated[list[Bounded | None], Field(min_length=1, max_length=MOST_EPOCHS)]


class OwnResult(Table):
    """What a training of a student's own code left: a file of the folder ``own``.

    Attributes
    ----------
    name : str
        What the student calls the network.
    repetition : int
        From 1.
    history : dict of str to list
        By metric, as Keras calls it: its value after each epoch; None if it was no number, or
        one that no training in 32 bits has.
    layers : list of str
    parameters : int
    optimizer : str
    date : str
        When it was written (ISO 8601, UTC).
    versions : dict of str to str
        Of Python and Keras.
    """

    format: Literal[1] = 1
    name: Name
    repetition: Annotated[int, Field(ge=1, le=MOST_FILES)]
    history: Annotated[dict[Metric, Values], Field(min_length=1, max_length=50)]
    layers: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)]
    parameters: Annotated[int, Field(ge=0, le=10**12)]
    optimizer: Annotated[str, Field(max_length=100)]
    date: Annotated[str, Field(max_length=40)]
    versions: dict[str, str]

    @property
    def final(self) -> dict[str, float | None]:
        """Each metric after the last epoch."""
        return {metric: values[-1] for metric, values in self.history.items()}

    @property
    def measured(self) -> dict[str, float]:
        """Those of them that are numbers."""
        return {metric: value for metric, value in self.final.items() if value is not None}

    @property
    def epochs(self) -> int:
        """After how many epochs there are values."""
        return max(map(len, self.history.values()))

    def path_in(self, folder: Path) -> Path:
        """Return where the file is in a lab's folder."""
        return folder / FOLDER / f"{self.name}-{self.repetition}.json"

    def content(self) -> bytes:
        """Return the file."""
        return (json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n").encode()

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of the file."""
        return hashlib.sha256(self.content()).hexdigest()


def record(history: Any, model: Any, name: str = "own", folder: Path | str = ".") -> Path:
    """Write down what your own Keras code has trained, for the report of a lab.

    Call it after each training; calls with the same name are repetitions. The report shows the
    results with ``{{ own:NAME }}`` and ``{{ own-curves:NAME }}``, and says that they cannot be
    repeated, since only your code knows how.

    Parameters
    ----------
    history : keras.callbacks.History or mapping of str to list of float
        What ``model.fit`` returns.
    model : keras.Model
        The trained network.
    name : str
        What you call it: letters, digits and . _ + -
    folder : path
        Of the lab.

    Returns
    -------
    path
        The file, in the folder ``own`` of the lab.

    Raises
    ------
    LabError
        If there is no lab, or the history is none.

    Examples
    --------
    >>> record(model.fit(x, y, epochs=3), model, "my-network")  # doctest: +SKIP
    PosixPath('own/my-network-1.json')
    """
    folder = Path(folder)
    if not (folder / "lab.toml").is_file():
        raise LabError(f"{folder}: no lab here; name its folder: record(..., folder=DIR)")
    values = getattr(history, "history", history)
    if not isinstance(values, Mapping):
        raise LabError(f"history: expected what model.fit returns, received {type(history)}")
    repetition = len(read(folder).get(name, [])) + 1
    content = {
        "name": name,
        "repetition": repetition,
        "history": {
            str(metric): [_finite(value) for value in column] for metric, column in values.items()
        },
        "layers": [_layer(layer) for layer in model.layers],
        "parameters": int(model.count_params()),
        "optimizer": type(getattr(model, "optimizer", None)).__name__,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "keras": _version("keras")},
    }
    result = parse(OwnResult, content, "record")
    path = result.path_in(folder)
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise LabError(f"{path.parent}: cannot be written ({error.strerror})") from None
    files.write(path, result.content())
    return path


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if abs(number) <= LARGEST_MEASURED else None


def _layer(layer: Any) -> str:
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    sizes = [getattr(layer, key, None) for key in ("units", "filters", "rate")]
    shown = [str(size) for size in sizes if size is not None]
    inside = ", ".join([*shown, *([activation] if activation else [])])
    return f"{type(layer).__name__}({inside})"


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "?"


def read(folder: Path) -> dict[str, list[OwnResult]]:
    """Return the results of own code in a lab's folder, by name.

    Raises
    ------
    LabError
        If a file is none of `record`, or there are links, or too many.
    """
    place = folder / FOLDER
    if not place.exists() and not place.is_symlink():
        return {}
    files.refuse_links(place)
    paths = sorted(place.glob("*.json"))
    if len(paths) > MOST_FILES:
        raise LabError(f"{place}: expected at most {MOST_FILES} files, received {len(paths)}")
    found: dict[str, list[OwnResult]] = {}
    for path in paths:
        try:
            content = json.loads(files.read_text(path, LARGEST))
        except (ValueError, RecursionError):
            raise LabError(f"{path}: expected a file that nnbook.lab.record wrote") from None
        result = parse(OwnResult, content, str(path))
        if path.name != (expected := result.path_in(folder).name):
            raise LabError(f"{path}: expected {expected} as its name")
        found.setdefault(result.name, []).append(result)
    for results in found.values():
        results.sort(key=lambda result: result.repetition)
    return found


class Entered(Table):
    """A result as the manifest of a report has it: nobody can repeat it."""

    name: Name
    repetition: int
    final: dict[Metric, Bounded | None]
    date: Annotated[str, Field(max_length=40)]
    versions: dict[str, str]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    rerunnable: Literal[False]


def entries(own: Mapping[str, Sequence[OwnResult]]) -> list[dict[str, Any]]:
    """Return what a manifest says of results."""
    return [
        {
            "name": name,
            "repetition": one.repetition,
            "final": one.final,
            "date": one.date,
            "versions": one.versions,
            "sha256": one.digest,
            "rerunnable": False,
        }
        for name, results in own.items()
        for one in results
    ]


def not_repeated(entered: Sequence[Entered]) -> str:
    """Return what a marker is told of them; nothing if there are none."""
    if not entered:
        return ""
    names = ", ".join(dict.fromkeys(one.name for one in entered))
    return f"{len(entered)} results of own code ({names}): not rerunnable, none was repeated"


def metrics_of(results: Sequence[OwnResult]) -> list[str]:
    """Return the metrics that all repetitions have."""
    return [name for name in results[0].history if all(name in one.history for one in results)]
