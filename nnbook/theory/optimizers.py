"""Optimizers by name, schedules of the learning rate, and the descent they make together.

The rules themselves are in `nnbook.theory.rules` and `nnbook.theory.adaptive_rules`, and can be had
from here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.errors import SpecError, nearest
from nnbook.theory.adaptive_rules import Adadelta, Adagrad, Adam, Nadam, RMSprop
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.rules import SGD, Momentum, Nesterov, Optimizer, State

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "State",
    "cosine_decay",
    "descend",
    "exponential_decay",
    "get_optimizer",
]

OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        SGD(),
        Momentum(),
        Nesterov(),
        Adagrad(),
        Adadelta(),
        RMSprop(),
        Adam(),
        Nadam(),
    )
}


def get_optimizer(name: str | Optimizer) -> Optimizer:
    """Return the optimizer with this name, with its defaults; an optimizer is returned as it is.

    Raises
    ------
    SpecError
        If no optimizer has this name; the message suggests the nearest one.
    """
    if isinstance(name, Optimizer):
        return name
    if name not in OPTIMIZERS:
        raise SpecError(f"unknown optimizer {name!r}: {nearest(name, OPTIMIZERS)}")
    return OPTIMIZERS[name]


def exponential_decay(t: Any, learning_rate: float, steps: int, final_fraction: float) -> Any:
    r"""Return the learning rate :math:`\eta\, (f)^{t/T}` after `t` of `T` updates.

    Parameters
    ----------
    t : int or array of int
        Number of updates made so far: 0 at the first step.
    learning_rate : float
        The learning rate :math:`\eta` of the first step.
    steps : int
        The number `T` of steps.
    final_fraction : float in (0, 1]
        The factor `f` on the learning rate after `T` updates.

    Examples
    --------
    >>> exponential_decay(np.array([0, 50, 100]), 1.0, steps=100, final_fraction=0.01)
    array([1.  , 0.1 , 0.01])
    """
    return learning_rate * final_fraction ** (t / steps)


def cosine_decay(t: Any, learning_rate: float, steps: int, final_fraction: float = 0.0) -> Any:
    r"""Return the learning rate :math:`\eta\, [f + (1 - f)(1 + \cos(\pi t/T))/2]`.

    From `T` updates on it stays at :math:`\eta f` (Loshchilov & Hutter 2017, without restarts).
    Parameters are those of `exponential_decay`; here :math:`f = 0` is possible.

    Examples
    --------
    >>> cosine_decay(np.array([0, 50, 100]), 1.0, steps=100)
    array([1. , 0.5, 0. ])
    """
    share = (1 + np.cos(np.pi * np.minimum(t / steps, 1))) / 2
    return learning_rate * (final_fraction + (1 - final_fraction) * share)


def descend(
    optimizer: str | Optimizer,
    gradient: Callable[[Array], npt.ArrayLike],
    start: npt.ArrayLike,
    learning_rate: Any,
    steps: int,
) -> Array:
    """Return the path of an optimizer through the parameters of a function.

    Parameters
    ----------
    optimizer : str or Optimizer
        The update rule.
    gradient : callable
        Maps the parameters to the gradient there, of the same shape.
    start : array of any shape
        The parameters w(0).
    learning_rate : number or callable
        A constant, or a schedule: a function of the number of updates made so far.
    steps : int
        The number of steps.

    Returns
    -------
    array of shape (steps + 1, ...)
        The parameters w(0), w(1), ..., w(steps).

    Examples
    --------
    >>> descend("sgd", lambda w: 2 * w, [1.0, -8.0], learning_rate=0.25, steps=2)
    array([[ 1.  , -8.  ],
           [ 0.5 , -4.  ],
           [ 0.25, -2.  ]])
    """
    optimizer, w = get_optimizer(optimizer), as_numbers(start)
    path, state = [w], optimizer.initial_state(w)
    for t in range(steps):
        rate = learning_rate(t) if callable(learning_rate) else learning_rate
        w, state = optimizer.step(w, gradient(w), state, rate)
        path.append(w)
    return np.stack(path)
