r"""The update rules that turn gradients into new parameters; here those with one learning rate.

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
the learning rate and the hyperparameters are exact, too. The rules of
`nnbook.theory.adaptive_rules` take square roots, and take floats only.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, overload

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.arrays import Array, as_numbers
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


def _vector(parameters: npt.ArrayLike | Network) -> Array:
    return parameters.flat() if isinstance(parameters, Network) else as_numbers(parameters)
