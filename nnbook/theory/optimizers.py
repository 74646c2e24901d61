r"""Optimizers: the update rules that turn gradients into new parameters.

A rule is written for one array of parameters `w`, of any shape, and the gradient
:math:`g = \partial L / \partial w` there. What it remembers of earlier steps is its state, a tuple:
``step`` takes a state and returns the next one, and changes nothing in place. In the equations an
arrow replaces the old value by the new one, line by line, and products, quotients and roots are
taken entry by entry. The symbols are the same in all rules:

- :math:`\eta` is the learning rate, :math:`\varepsilon` a small number that keeps a denominator
  away from zero, `t` the number of updates, the present one included;
- `u` is the velocity, a sum of the steps so far in which older ones count less;
- `m` is the running mean of the gradients, `v` that of their squares, `d` that of the squared
  changes of `w`, and `s` the sum of the squared gradients.

Each rule computes, rounding aside, what the Keras 3 optimizer of that name computes, with the same
defaults; momentum and Nesterov's momentum are options of Keras' SGD. Where papers and Keras differ,
in the place of :math:`\varepsilon` for example, the equations say what is computed here.

SGD, momentum and Nesterov's momentum also run on exact numbers (see `nnbook.theory.arrays`), if
the learning rate and the hyperparameters are exact, too. The other rules take square roots, and
take floats only.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, overload

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError, ShapeError, SpecError, nearest
from nnbook.theory.arrays import Array, as_numbers, is_exact
from nnbook.theory.network import Network

State = tuple[Any, ...]


class Optimizer(ABC):
    """An update rule with its hyperparameters; the learning rate is given step by step.

    Examples
    --------
    >>> momentum = Momentum(beta=0.5)
    >>> state = momentum.initial_state([1.0, 2.0])
    >>> w, state = momentum.step([1.0, 2.0], [10.0, 0.0], state, learning_rate=0.1)
    >>> w
    array([0., 2.])
    >>> w, state = momentum.step(w, [0.0, 0.0], state, learning_rate=0.1)
    >>> w
    array([-0.5,  2. ])
    """

    name: ClassVar[str]

    def initial_state(self, parameters: npt.ArrayLike | Network) -> State:
        """Return the state before the first step for parameters of this shape and number type."""
        return self._initial_state(np.zeros_like(_vector(parameters)))

    @overload
    def step(
        self, parameters: Network, gradient: Network, state: State, learning_rate: Any
    ) -> tuple[Network, State]: ...

    @overload
    def step(
        self, parameters: npt.ArrayLike, gradient: npt.ArrayLike, state: State, learning_rate: Any
    ) -> tuple[Array, State]: ...

    def step(
        self, parameters: Any, gradient: Any, state: State, learning_rate: Any
    ) -> tuple[Any, State]:
        """Return the parameters after one step, and the state for the next one.

        Parameters
        ----------
        parameters : array of any shape, or Network
            The parameters `w`; those of a network are one vector (`Network.flat`).
        gradient : array of the same shape, or Network
            The derivative of the loss at these parameters.
        state : tuple
            What the step before returned, or `initial_state` before the first. The arrays in the
            state of a network are vectors, which `Network.filled` arranges as a network.
        learning_rate : number
            The learning rate of this step. It has the unit of `w` squared over that of the loss
            in SGD and with momentum, the unit of `w` in Adagrad, RMSprop, Adam and Nadam, and none
            in Adadelta.

        Returns
        -------
        parameters : array of the shape of `parameters`, or Network
            The new ones.
        state : tuple
            What the next step needs.

        Raises
        ------
        ShapeError
            If the gradient has another shape than the parameters.
        DataError
            If the numbers are exact and the rule takes square roots.
        """
        if isinstance(parameters, Network):
            gradient = parameters.map(lambda _, g: g, gradient)  # refuses other shapes
            w, state = self.step(parameters.flat(), gradient.flat(), state, learning_rate)
            return parameters.filled(w), state
        w, g = as_numbers(parameters), as_numbers(gradient)
        if w.shape != g.shape:
            raise ShapeError(
                f"{self.name}: expected a gradient of the shape {w.shape} of the parameters, "
                f"received {g.shape}"
            )
        return self._step(w, g, state, learning_rate)

    @abstractmethod
    def _initial_state(self, zeros: Array) -> State: ...

    @abstractmethod
    def _step(
        self, w: Array, g: Array, state: State, learning_rate: Any
    ) -> tuple[Array, State]: ...


@dataclass(frozen=True)
class SGD(Optimizer):
    r"""Gradient descent, stochastic if the gradient is that of a batch (Robbins & Monro 1951).

    .. math:: w \leftarrow w - \eta\, g

    It remembers nothing. In a quadratic bowl it converges if :math:`\eta` times the largest
    curvature (second derivative) is below 2.
    """

    name = "sgd"

    def _initial_state(self, zeros: Array) -> State:
        return ()

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        return w - learning_rate * g, state


@dataclass(frozen=True)
class Momentum(Optimizer):
    r"""Gradient descent with momentum, the heavy ball of Polyak (1964).

    .. math::

        u &\leftarrow \beta\, u - \eta\, g \\
        w &\leftarrow w + u

    State: (`u`,). In a quadratic bowl it converges if :math:`\eta` times the largest curvature is
    below :math:`2 (1 + \beta)`.

    Parameters
    ----------
    beta : number in [0, 1)
        The momentum. (The default of Keras' SGD is 0, that is none.)
    """

    beta: Any = 0.9
    name = "momentum"

    def _initial_state(self, zeros: Array) -> State:
        return (zeros,)

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        (u,) = state
        u = self.beta * u - learning_rate * g
        return w + u, (u,)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    r"""Gradient descent with the momentum of Nesterov (1983), in the form of Sutskever et al. 2013.

    .. math::

        u &\leftarrow \beta\, u - \eta\, g \\
        w &\leftarrow w + \beta\, u - \eta\, g

    Sutskever et al. move parameters :math:`\theta` by `u` and take the gradient where the velocity
    alone would carry them, at :math:`\theta + \beta u`. That point is the `w` of these equations,
    so that the gradient is taken at `w`, as for every other rule. State: (`u`,). In a quadratic
    bowl it converges if :math:`\eta` times the largest curvature is below
    :math:`2 (1 + \beta) / (1 + 2 \beta)`.

    Parameters
    ----------
    beta : number in [0, 1)
        The momentum.
    """

    beta: Any = 0.9
    name = "nesterov"

    def _initial_state(self, zeros: Array) -> State:
        return (zeros,)

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        (u,) = state
        u = self.beta * u - learning_rate * g
        return w + self.beta * u - learning_rate * g, (u,)


@dataclass(frozen=True)
class Adagrad(Optimizer):
    r"""Adagrad: the more a parameter has been moved, the smaller its steps (Duchi et al. 2011).

    .. math::

        s &\leftarrow s + g \odot g \\
        w &\leftarrow w - \eta\, g / \sqrt{s + \varepsilon}

    State: (`s`,). The paper adds its small number to the root, and starts from `s` = 0.

    Parameters
    ----------
    initial_sum : float
        The value of `s` before the first step (Keras: ``initial_accumulator_value``).
    epsilon : float
        Added under the root.
    """

    initial_sum: float = 0.1
    epsilon: float = 1e-7
    name = "adagrad"

    def _initial_state(self, zeros: Array) -> State:
        return (zeros + self.initial_sum,)

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        (s,) = state
        s = s + g * g
        return w - learning_rate * g / _sqrt(s + self.epsilon), (s,)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    r"""RMSprop: Adagrad with a memory that fades (Tieleman & Hinton 2012).

    .. math::

        v &\leftarrow \rho\, v + (1 - \rho)\, g \odot g \\
        w &\leftarrow w - \eta\, g / \sqrt{v + \varepsilon}

    State: (`v`,). As `v` starts at 0 and is not corrected for it, the first step has the size
    :math:`\eta / \sqrt{1 - \rho}`.

    Parameters
    ----------
    rho : float in [0, 1)
        Share of `v` that is kept in a step.
    epsilon : float
        Added under the root.
    """

    rho: float = 0.9
    epsilon: float = 1e-7
    name = "rmsprop"

    def _initial_state(self, zeros: Array) -> State:
        return (zeros,)

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        (v,) = state
        v = self.rho * v + (1 - self.rho) * g * g
        return w - learning_rate * g / _sqrt(v + self.epsilon), (v,)


@dataclass(frozen=True)
class Adadelta(Optimizer):
    r"""Adadelta: past changes over past gradients set the size of a step (Zeiler 2012).

    .. math::

        v &\leftarrow \rho\, v + (1 - \rho)\, g \odot g \\
        \Delta w &= -\sqrt{d + \varepsilon}\; g / \sqrt{v + \varepsilon} \\
        d &\leftarrow \rho\, d + (1 - \rho)\, \Delta w \odot \Delta w \\
        w &\leftarrow w + \eta\, \Delta w

    State: (`v`, `d`). The paper has no learning rate, that is :math:`\eta = 1`; with Keras' default
    0.001, steps are a thousand times shorter than in the paper. The first ones are of the order of
    :math:`\eta \sqrt{\varepsilon / (1 - \rho)}`, so :math:`\varepsilon` matters here.

    Parameters
    ----------
    rho : float in [0, 1)
        Share of `v` and `d` that is kept in a step.
    epsilon : float
        Added under both roots.
    """

    rho: float = 0.95
    epsilon: float = 1e-7
    name = "adadelta"

    def _initial_state(self, zeros: Array) -> State:
        return zeros, zeros

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        v, d = state
        v = self.rho * v + (1 - self.rho) * g * g
        change = -_sqrt(d + self.epsilon) * g / _sqrt(v + self.epsilon)
        d = self.rho * d + (1 - self.rho) * change * change
        return w + learning_rate * change, (v, d)


@dataclass(frozen=True)
class Adam(Optimizer):
    r"""Adam: RMSprop with momentum, both corrected for their start at 0 (Kingma & Ba 2015).

    .. math::

        t &\leftarrow t + 1 \\
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g \odot g \\
        \eta_t &= \eta\, \sqrt{1 - (\beta_2)^t} / (1 - (\beta_1)^t) \\
        w &\leftarrow w - \eta_t\, m / (\sqrt{v} + \varepsilon)

    State: (`m`, `v`, `t`). Where :math:`\varepsilon` is negligible, the first step has the size
    :math:`\eta`, whatever the gradient. The equations are in the form that the paper gives at the
    end of its section 2. In terms of the corrected means,
    :math:`\hat m = m / (1 - (\beta_1)^t)` and :math:`\hat v = v / (1 - (\beta_2)^t)`, the change is
    :math:`-\eta\, \hat m / (\sqrt{\hat v} + \varepsilon / \sqrt{1 - (\beta_2)^t})`; algorithm 1 of
    the paper adds :math:`\varepsilon` itself there.

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1)
        Shares of `m` and of `v` that are kept in a step.
    epsilon : float
        Added to the root.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    name = "adam"

    def _initial_state(self, zeros: Array) -> State:
        return zeros, zeros, 0

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        m, v, t = state
        t = t + 1
        m = self.beta_1 * m + (1 - self.beta_1) * g
        v = self.beta_2 * v + (1 - self.beta_2) * g * g
        rate = learning_rate * np.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        return w - rate * m / (_sqrt(v) + self.epsilon), (m, v, t)


@dataclass(frozen=True)
class Nadam(Optimizer):
    r"""Nadam: Adam with Nesterov's momentum (Dozat 2016).

    .. math::

        t &\leftarrow t + 1, \qquad \mu_t = \beta_1 \left(1 - \tfrac12\, (d)^t\right) \\
        p &\leftarrow \mu_t\, p \\
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g \odot g \\
        \hat m &= \mu_{t+1}\, m / (1 - \mu_{t+1}\, p) + (1 - \mu_t)\, g / (1 - p) \\
        \hat v &= v / (1 - (\beta_2)^t) \\
        w &\leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \varepsilon)

    State: (`m`, `v`, `p`, `t`), where `p`, 1 at first, is the product of all :math:`\mu_t` so far.
    The momentum :math:`\mu_t` rises from about :math:`\beta_1 / 2` to :math:`\beta_1` and, in
    Keras, is used in the corrections alone: `m` is Adam's. How fast it rises differs: Keras 3 has
    d = 0.96, Dozat's paper d = 0.96 to the power 1/250.

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1)
        Shares of `m` and of `v` that are kept in a step.
    epsilon : float
        Added to the root.
    decay : float in [0, 1]
        The number d by which the distance of the momentum from `beta_1` shrinks in a step.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    decay: float = 0.96
    name = "nadam"

    def _initial_state(self, zeros: Array) -> State:
        return zeros, zeros, 1.0, 0

    def _step(self, w: Array, g: Array, state: State, learning_rate: Any) -> tuple[Array, State]:
        m, v, p, t = state
        t = t + 1
        mu, next_mu = (self.beta_1 * (1 - self.decay**i / 2) for i in (t, t + 1))
        p = mu * p
        m = self.beta_1 * m + (1 - self.beta_1) * g
        v = self.beta_2 * v + (1 - self.beta_2) * g * g
        m_hat = next_mu * m / (1 - next_mu * p) + (1 - mu) * g / (1 - p)
        v_hat = v / (1 - self.beta_2**t)
        return w - learning_rate * m_hat / (_sqrt(v_hat) + self.epsilon), (m, v, p, t)


def _vector(parameters: npt.ArrayLike | Network) -> Array:
    return parameters.flat() if isinstance(parameters, Network) else as_numbers(parameters)


def _sqrt(array: Array) -> Array:
    if is_exact(array):
        raise DataError(
            "expected floats, as this optimizer takes square roots, received exact numbers: "
            "convert them with .astype(float), or use 'sgd', 'momentum' or 'nesterov'"
        )
    return np.asarray(np.sqrt(array))


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
