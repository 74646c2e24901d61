"""Tests marked `either_backend` are made twice: on TensorFlow here, and in a process on JAX.

Keras chooses its backend once for each process.
"""

import contextlib
import gc
import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

import keras
import pytest

from nnbook.training import compilation

BACKENDS = ("tensorflow", pytest.param("jax", marks=pytest.mark.thorough))

# Compilation is what takes time: tests of equal configurations share a program.
compilation._program = lru_cache(maxsize=16)(compilation._program.__wrapped__)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("either_backend"):
        metafunc.fixturenames.append("backend")
        metafunc.parametrize("backend", BACKENDS)


@pytest.fixture(scope="session")
def process_on_jax() -> Iterator[ProcessPoolExecutor]:
    pytest.importorskip("jax")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "jax")
        # Compiles in two thirds of the time; `test_jax.py` compiles as readers do.
        patch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
        pool = ProcessPoolExecutor(1, get_context("spawn"))
        pool.submit(int).result()  # it has started
    with pool:
        yield pool


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Hand a test on to the process of its backend."""
    callspec = getattr(pyfuncitem, "callspec", None)
    backend = callspec.params.get("backend") if callspec else None
    if backend in (None, keras.backend.backend()):
        return None
    assert backend == "jax", f"run these tests on TensorFlow, not on {keras.backend.backend()}"
    pool = pyfuncitem._request.getfixturevalue("process_on_jax")
    status, output = pool.submit(run_here, pyfuncitem.nodeid).result()
    if status or "1 passed" not in output:
        pytest.fail(output, pytrace=False)
    return True


def run_here(nodeid: str) -> tuple[int, str]:
    """Run one test in this process; return pytest's exit status and what it printed."""
    # The warning is Keras' own.
    ignored = "ignore:__array__ implementation:DeprecationWarning"
    gc.freeze()  # At its end pytest collects garbage: not again among all that was there before.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", ignored]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = pytest.main([*options, nodeid])
    return int(status), output.getvalue()
