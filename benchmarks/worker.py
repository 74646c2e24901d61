"""One engine with one network in a process of its own, which answers requests.

It writes a line of JSON when it is ready. Then it reads numbers of steps, one in a line, and writes
the seconds that they took. When there are no more it writes its peak memory and ends.
"""

import importlib
import json
import resource
import sys
import time
from typing import Any

import numpy as np

from benchmarks.engines import ENGINES, WHOLE
from nnbook.training import datasets
from nnbook.training.datasets import mnist_data
from nnbook.training.spec import run_spec

LIBRARIES = ("numpy", "sklearn", "tensorflow", "keras", "jax", "torch")


def reply(**content: Any) -> None:
    print(json.dumps(content), flush=True)


def use_random_images() -> None:
    """Put random images in the place of MNIST."""
    random = np.random.default_rng(0)
    facts = datasets.data_set("mnist").facts
    shape = facts.examples, facts.inputs
    images = random.random(shape, np.float32)
    labels = random.integers(10, size=len(images), dtype=np.int32)
    mnist_data.mnist = lambda: (images, labels)  # type: ignore[assignment]


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    name, settings, images = sys.argv[1:]
    engine = (ENGINES | WHOLE)[name]
    spec = run_spec(json.loads(settings))
    if images == "random":
        use_random_images()
    try:
        for module in engine.needs:
            importlib.import_module(module)
    except ImportError as error:
        reply(unavailable=str(error))
        return
    data = datasets.load_split("mnist")
    begin = time.perf_counter()
    take_steps = engine.prepare(spec, data)
    take_steps(1)
    reply(
        start=time.perf_counter() - begin,
        versions={
            library: sys.modules[library].__version__
            for library in LIBRARIES
            if library in sys.modules
        },
    )
    for line in sys.stdin:
        reply(seconds=take_steps(int(line)))
    reply(peak_mib=peak_mib())


if __name__ == "__main__":
    main()
