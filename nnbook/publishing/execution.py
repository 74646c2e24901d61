"""Execute the book's pages: only the stale ones, side by side, into jupyter-cache.

A page's outputs are fresh while its code and everything that it depended on are what they were.
What it depended on is what `nnbook.publishing.recorder` saw in the kernel, kept with the cached
outputs as SHA-256 digests. Captions and alternative texts, which stand in the metadata of cells,
are prose: when they alone change, the outputs are carried over.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.errors import NNBookError
from nnbook.project import REPOSITORY
from nnbook.publishing import recorder
from nnbook.publishing.dependencies import digest, digests, unchanged
from nnbook.publishing.kernels import KernelServer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from concurrent.futures import Future

    from nbformat import NotebookNode

_MATPLOTLIB = Path(str(find_spec("matplotlib").origin)).parent  # type: ignore[union-attr]
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)
_SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "MATPLOTLIBRC": str(_MATPLOTLIB / "mpl-data" / "matplotlibrc"),  # not somebody's own
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # what ipykernel would choose
    "NNBOOK_RECORDED_ONLY": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TZ": "UTC",
    **dict.fromkeys(_THREADS, "1"),  # kernels run side by side, one for each core
}


_TAGS = {"raises-exception", "skip-execution"}  # those of cells that matter to execution
_KEPT = {"code", "dependencies", "outputs", "shown"}


class PageError(NNBookError):
    """A page of the book did not run."""


@dataclass(frozen=True)
class Page:
    """A chapter as a notebook.

    Attributes
    ----------
    name : str
        Sphinx's name of the document, such as ``"regression/fitting"``.
    path : Path
        The source file.
    notebook : NotebookNode
        The notebook as MyST-NB reads it, so that jupyter-cache finds the same key.
    """

    name: str
    path: Path
    notebook: NotebookNode


def code_digest(notebook: NotebookNode) -> str:
    """Return the SHA-256 digest, in hex, of all that decides what executing a notebook gives.

    That is the kernel, and of the code cells the source and those tags that have an effect.
    """
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    cells = [
        (cell.source, sorted(_TAGS & set(cell.metadata.get("tags", []))))
        for cell in _code_cells(notebook)
    ]
    return hashlib.sha256(json.dumps([kernel, cells]).encode()).hexdigest()


def outputs_digest(notebook: NotebookNode) -> str:
    """Return the SHA-256 digest, in hex, of what executing a notebook gave."""
    cells = [(cell.execution_count, cell.outputs) for cell in _code_cells(notebook)]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@dataclass(frozen=True)
class Outputs:
    """What the cache tells of an executed page.

    Attributes
    ----------
    key : str
        Under which jupyter-cache finds it, made from kernel, sources and metadata of its cells.
    digest : str
        SHA-256 of the outputs, in hex.
    shown : tuple of str
        The configurations that the page looks up, as ``"experiment/configuration"``.
    files : tuple of str
        What the page read, as paths in the repository.
    place : int
        That of the executed page in the cache.
    """

    key: str
    digest: str
    shown: tuple[str, ...]
    files: tuple[str, ...]
    place: int


def _outputs(record: Any) -> Outputs:
    data = record.data
    files = tuple(data["dependencies"]["files"])
    return Outputs(record.hashkey, data["outputs"], tuple(data["shown"]), files, record.pk)


class PageCache:
    """The executed pages in a jupyter-cache, with what each depended on.

    Parameters
    ----------
    path : Path
        The folder of the cache; made if need be.
    """

    def __init__(self, path: Path) -> None:
        from jupyter_cache import get_cache

        logging.getLogger("traitlets").setLevel(logging.WARNING)  # nbclient tells of every kernel
        self._cache = get_cache(str(path))
        self._digest = functools.cache(digest)  # in one build, each file is read once

    def is_fresh(self, page: Page) -> bool:
        """Say whether MyST-NB will find outputs in the cache that the page would give now."""
        try:
            record = self._cache.match_cache_notebook(page.notebook)
        except KeyError:
            return self._carry_over(page)
        return self._is_valid(record.data)

    def refuse_alike(self, pages: Iterable[Page], known: Mapping[str, Outputs]) -> None:
        """Refuse pages with the same code: the cache has one place for the outputs of both.

        Parameters
        ----------
        pages : iterable of Page
        known : dict of str to Outputs
            Of other pages, by name.

        Raises
        ------
        PageError
            Naming two of them.
        """
        names = {outputs.key: name for name, outputs in known.items()}
        for page in pages:
            if not _code_cells(page.notebook):
                continue
            key = self._cache.create_hashed_notebook(page.notebook)[1]
            other = names.setdefault(key, page.name)
            if other != page.name:
                raise PageError(
                    f"{other}, {page.name}: two pages with the same code, of which one would show "
                    "the outputs of the other; change a cell of one of them"
                )

    def find(self, page: Page) -> Outputs:
        """Return the outputs of a page that is in the cache."""
        return _outputs(self._cache.match_cache_notebook(page.notebook))

    def executed(self, outputs: Outputs) -> NotebookNode:
        """Return the code of an executed page with its outputs."""
        notebook: NotebookNode = self._cache.get_cache_bundle(outputs.place).nb
        return notebook

    def fresh(self) -> dict[str, Outputs]:
        """Return all outputs that are what executing would give now, by their keys."""
        records = self._cache.list_cache_records()
        return {r.hashkey: _outputs(r) for r in records if self._is_valid(r.data)}

    def _is_valid(self, data: dict[str, Any]) -> bool:
        """Say whether all that the cached outputs depended on is unchanged."""
        return data.keys() >= _KEPT and unchanged(data["dependencies"], self._digest)

    def _carry_over(self, page: Page) -> bool:
        """Cache the page with the valid outputs of the same code, if there are any."""
        code = code_digest(page.notebook)
        for record in self._cache.list_cache_records():
            if record.data.get("code") == code and self._is_valid(record.data):
                executed = self._cache.get_cache_bundle(record.pk).nb
                for new, old in zip(_code_cells(page.notebook), executed.cells, strict=True):
                    new.outputs, new.execution_count = old.outputs, old.execution_count
                self._store(page, page.notebook, record.data)
                return True
        return False

    def start(
        self,
        pages: Iterable[Page],
        timeout: int,
        report: Callable[[Page, float], None] = lambda page, seconds: None,
    ) -> Execution:
        """Begin to execute pages in one kernel each, as many at once as there are cores.

        Parameters
        ----------
        pages : iterable of Page
            The pages to execute.
        timeout : int
            Longest time that a cell may take, in seconds.
        report : callable, optional
            Called with each page and its seconds when it is kept.

        Returns
        -------
        Execution
            What to wait for, and to close.
        """
        # Longest first, as far as one can tell, so that no core waits for the last page.
        records = self._cache.list_cache_records()
        seconds = {r.uri: r.data.get("execution_seconds", 0.0) for r in records}
        ordered = sorted(
            pages,
            key=lambda page: (seconds.get(str(page.path), 0.0), len(_code_cells(page.notebook))),
            reverse=True,
        )
        return Execution(self._store, ordered, timeout, _SETTINGS, report)

    def _store(self, page: Page, notebook: NotebookNode, data: dict[str, Any]) -> None:
        from jupyter_cache.base import CacheBundleIn

        self._cache.cache_notebook_bundle(
            CacheBundleIn(notebook, str(page.path), data=data), check_validity=False, overwrite=True
        )


class Execution:
    """Pages that are being executed, in the order in which they were begun.

    Parameters
    ----------
    store : callable
        Keeps an executed page, as its notebook, with what is to be known of it.
    pages : iterable of Page
        The pages to execute.
    timeout : int
        Longest time that a cell may take, in seconds.
    settings : dict of str to str
        Environment variables of the kernels.
    report : callable
        Called with each page and its seconds when it is kept.
    """

    def __init__(
        self,
        store: Callable[[Page, NotebookNode, dict[str, Any]], None],
        pages: Iterable[Page],
        timeout: int,
        settings: dict[str, str],
        report: Callable[[Page, float], None],
    ) -> None:
        self._store, self._report = store, report
        self._start = time.time()
        self._resources = ExitStack()
        self._jobs: dict[str, tuple[Page, Future[_Executed]]] = {}
        pages = list(pages)
        if not pages:
            return
        kernels = self._resources.enter_context(KernelServer({**os.environ, **settings}))
        # One more than there are cores, since a kernel that starts or ends mostly waits.
        workers = min(os.cpu_count() or 1, 4) + 1
        pool = self._resources.enter_context(ThreadPoolExecutor(workers))
        for page in pages:
            job = pool.submit(_run, page, timeout, kernels, settings)
            self._jobs[page.name] = page, job

    @property
    def waiting(self) -> list[str]:
        """The names of the pages that have not been waited for."""
        return list(self._jobs)

    def close(self) -> None:
        """Begin no further page, and wait for those that have begun."""
        for _, job in self._jobs.values():
            job.cancel()
        self._resources.close()

    def wait(self, names: Collection[str] | None = None) -> None:
        """Wait for pages, or for all, and keep what they gave.

        Raises
        ------
        PageError
            If one of them fails, naming each page that fails, its cell and the error. The others
            are kept, whatever went wrong.
        """
        wanted = self._jobs if names is None else self._jobs.keys() & set(names)
        failures = [problem for name in list(wanted) if (problem := self._keep(name))]
        if failures:
            failures += [problem for name in self.waiting if (problem := self._keep(name))]
            raise PageError("\n\n".join(failures))

    def _keep(self, name: str) -> str:
        """Wait for a page and keep what it gave, or say what went wrong."""
        page, job = self._jobs.pop(name)
        try:
            notebook, recorded, seconds = job.result()
        except PageError as error:
            return str(error)
        except Exception as error:  # such as no memory for a kernel
            where = page.path.relative_to(REPOSITORY)
            return f"{where} did not run: {type(error).__name__}: {error}"
        data = {
            "execution_seconds": seconds,
            "code": code_digest(notebook),
            "outputs": outputs_digest(notebook),
            "shown": recorded["configurations"],
            "dependencies": digests(recorded, self._start),
        }
        self._store(page, notebook, data)
        self._report(page, seconds)
        return ""


_Executed = tuple["NotebookNode", dict[str, list[str]], float]
"""A page with outputs, its dependencies and the seconds it took."""


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a stream sent in parts, wherever it was cut: MyST-NB would end lines there."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == "stream" and output.name == joined[-1].get("name"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _run(page: Page, timeout: int, kernels: KernelServer, settings: dict[str, str]) -> _Executed:
    """Execute one page."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "dependencies"
        client = NotebookClient(
            page.notebook,
            kernels.manager(page.notebook.metadata.get("kernelspec", {}).get("name", "python3")),
            timeout=timeout,
            resources={"metadata": {"path": str(page.path.parent)}},
            shutdown_kernel="immediate",  # nothing is left to be saved
            record_timing=False,  # times in the metadata would change jupyter-cache's key
            extra_arguments=[
                "--ext=nnbook.publishing.recorder",
                "--HistoryManager.enabled=False",
                "--log-level=ERROR",
            ],
        )
        environment = {
            **os.environ,
            **settings,
            recorder.OUTPUT: str(output),
            recorder.PAGE: page.name,
            "IPYTHONDIR": scratch,  # nobody's personal start-up files change the book
        }
        try:
            client.execute(env=environment, cleanup_kc=True)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise PageError(f"{page.path.relative_to(REPOSITORY)} did not run:\n{error}") from error
        if not output.exists():
            raise PageError(
                f"{page.path.relative_to(REPOSITORY)}: the kernel recorded no dependencies. "
                f"Is nnbook installed for the kernel's Python ({sys.executable})?"
            )
        recorded = recorder.read(output)
    for cell in _code_cells(page.notebook):
        cell.outputs = _joined(cell.outputs)
    return page.notebook, recorded, time.perf_counter() - start
