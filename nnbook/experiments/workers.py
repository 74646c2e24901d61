"""Train several runs, in this process or in parallel ones that may die."""

import os
import signal
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from threading import Thread
from typing import Any

from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

Train = Callable[..., Outcome]
Progress = Callable[[int], None]


def in_this_process(
    specs: Sequence[RunSpec], train: Train | None, advance: Progress
) -> Generator[tuple[int, Outcome | str], None, None]:
    """Train one after the other.

    Parameters
    ----------
    specs : sequence of RunSpec
        What to train.
    train : callable, optional
        In place of `nnbook.training.engine.train`.
    advance : callable
        Called with the number of epochs done since it was called last.

    Yields
    ------
    tuple
        Index of a run and its outcome, or what went wrong, as text.
    """
    for index, spec in enumerate(specs):
        done = 0

        def progress(epoch: int) -> None:
            nonlocal done
            advance(epoch - done)
            done = epoch

        yield index, _outcome(spec, train, progress)
        advance(spec.epochs - done)


def in_processes(
    specs: Sequence[RunSpec], workers: int, train: Train | None, advance: Progress
) -> Generator[tuple[int, Outcome | str], None, None]:
    """Train in `workers` processes; as `in_this_process`, but in the order in which runs end.

    When a process dies, all that were at work are lost. The runs that had been given out are then
    made one at a time, each in a process of its own, which finds the culprit; the others go on
    together.
    """
    waiting = dict(enumerate(specs))
    while waiting:
        given_out: list[int] = []
        try:
            with closing(_parallel(waiting, workers, train, given_out)) as outcomes:
                for index, outcome in outcomes:
                    advance(waiting.pop(index).epochs)
                    yield index, outcome
        except _process_died():
            for index in [index for index in given_out if index in waiting]:
                outcome = _alone(index, waiting[index], train)
                advance(waiting.pop(index).epochs)
                yield index, outcome


def _alone(index: int, spec: RunSpec, train: Train | None) -> Outcome | str:
    try:
        # Two workers for one run: joblib would carry it out in this process if told of one.
        ((_, outcome),) = _parallel({index: spec}, 2, train, [])
    except _process_died():
        return "its process died (out of memory?)"
    return outcome


def _process_died() -> type[BaseException]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return BrokenProcessPool  # type: ignore[no-any-return]


def _parallel(
    waiting: Mapping[int, RunSpec], workers: int, train: Train | None, given_out: list[int]
) -> Generator[tuple[int, Outcome | str], None, None]:
    from joblib import Parallel, delayed

    def tasks() -> Iterator[Any]:
        for index, spec in list(waiting.items()):
            given_out.append(index)
            yield delayed(_work)(index, spec, train)

    parallel = Parallel(
        workers,
        backend="loky",
        batch_size=1,
        return_as="generator_unordered",
        initializer=_start,
    )
    with warnings.catch_warnings():
        # It warns when it replaces a worker that has grown by 300 MB (XLA keeps what it compiled),
        # and when Ctrl-C leaves runs unfinished.
        warnings.filterwarnings("ignore", module=r"joblib\.")
        yield from parallel(tasks())


def _start() -> None:
    """Leave Ctrl-C to the parent, use one core, and end with the parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(index: int, spec: RunSpec, train: Train | None) -> tuple[int, Outcome | str]:
    return index, _outcome(spec, train, None)


def _outcome(spec: RunSpec, train: Train | None, progress: Progress | None) -> Outcome | str:
    if train is None:
        from nnbook.training import engine

        train = engine.train
    try:
        return train(spec, progress)
    except Exception as error:  # one run that fails must not cost the others
        return f"{type(error).__name__}: {error}"
