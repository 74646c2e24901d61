r"""Networks: tuples of parts, one behind the other, that keep every number of both passes.

The layers of the equations are numbered :math:`l = 1, \dots, L`, one for each `Dense` part, and
the records of a pass have these numbers as keys: ``forward.z[l]`` is :math:`z^l`. A batch has one
example per column.
"""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.activations import Activation, get_activation, identity
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.losses import Loss, get_loss
from nnbook.theory.parts import Dense, Part, Training


@dataclass(frozen=True, eq=False)
class Network:
    """A tuple of parts; a network among them stands for its own parts.

    Methods return new objects and change nothing. The derivatives of a loss are a network, too,
    with each derivative in the place of its parameter.

    Raises
    ------
    ShapeError
        If there is no part, or one does not take what the one before it gives.

    Examples
    --------
    >>> network = Network((Layer([[1, -1]], [0], "relu"), Layer([[2]], [1], "identity")))
    >>> network.forward([[3.0, 1.0], [1.0, 2.0]]).prediction
    array([[5., 1.]])
    """

    parts: tuple[Part, ...]

    def __init__(self, parts: "Iterable[Part | Network]") -> None:
        spread = (part.parts if isinstance(part, Network) else (part,) for part in parts)
        object.__setattr__(self, "parts", tuple(part for several in spread for part in several))
        if not self.parts:
            raise ShapeError("a network: expected at least one layer, received none")
        self._check_widths()

    @property
    def layers(self) -> "tuple[Layer, ...]":
        """The layers 1 to L: each from one `Dense` part to the next, shortcuts left out."""
        groups: list[list[Part]] = [[]]
        for part in self.simple():
            if isinstance(part, Dense) and any(isinstance(p, Dense) for p in groups[-1]):
                groups.append([])
            groups[-1].append(part)
        return tuple(Layer.of(group) for group in groups)

    def __getitem__(self, l: int) -> "Layer":
        """Return layer l, counted from 1."""
        layers = self.layers
        if not 1 <= l <= len(layers):
            raise IndexError(f"expected a layer from 1 to {len(layers)}, received {l}")
        return layers[l - 1]

    def __iter__(self) -> "Iterator[Layer]":
        """Yield the layers 1 to L."""
        return iter(self.layers)

    def forward(self, x: npt.ArrayLike, training: Training = False) -> "ForwardPass":
        """Send a batch x of shape (n_0, B) through all parts; see `Part.forward` on training."""
        a = x = as_numbers(x)
        outputs, kept = [], []
        for part in self.parts:
            a, needed = part.forward(a, training)
            outputs.append(a)
            kept.append(needed)
        return ForwardPass(self.parts, x, tuple(outputs), tuple(kept))

    def backward(
        self, forward: "ForwardPass", y: npt.ArrayLike, loss: str | Loss
    ) -> "BackwardPass":
        """Send the gradient of the loss back to the first part (Rumelhart et al. 1986)."""
        loss = get_loss(loss)
        signals = self.way_back(forward, loss.gradient(forward.prediction, y))
        gradients = self.gradients(forward, signals)
        return BackwardPass(loss(forward.prediction, y), gradients, forward, signals)

    def way_back(self, forward: "ForwardPass", gradient: Array) -> tuple[Array, ...]:
        """Return the gradient at the output of every part, given that at the last."""
        signals = [gradient]
        for part, kept in zip(self.parts[:0:-1], forward.kept[:0:-1], strict=True):
            signals.insert(0, part.pull_back(kept, signals[0]))
        return tuple(signals)

    def gradients(self, forward: "ForwardPass", signals: tuple[Array, ...]) -> "Network":
        """Return the derivatives of all parameters, given the gradient at each part's output."""
        passes = zip(self.parts, forward.kept, signals, strict=True)
        return Network(part.gradients(kept, signal) for part, kept, signal in passes)

    def loss(
        self, x: npt.ArrayLike, y: npt.ArrayLike, loss: str | Loss, training: Training = False
    ) -> Any:
        """Return the loss of the batch x with targets y of shape (n_L, B)."""
        return get_loss(loss)(self.forward(x, training).prediction, y)

    def step(self, gradients: "Network", learning_rate: Any) -> "Network":
        """Return the network after one step: W^l - eta dL/dW^l, b^l - eta dL/db^l."""
        return self.map(lambda w, g: w - learning_rate * g, gradients)

    def map(self, function: Callable[..., npt.ArrayLike], *others: "Network") -> "Network":
        """Return the network with `function` applied to each array of parameters.

        Parameters
        ----------
        function : callable
            Gets an array of parameters, and those in the same place of the others.
        *others : Network
            Of the same parts, such as gradients.

        Raises
        ------
        ShapeError
            If the others have other parts, or arrays of other shapes.
        """
        for other in others:
            if len(other.parts) != len(self.parts):
                raise ShapeError(
                    f"expected a network of {len(self.parts)} parts as this one, "
                    f"received one of {len(other.parts)}"
                )
        together = zip(self.parts, *(other.parts for other in others), strict=True)
        return Network(part.map(function, *their) for part, *their in together)

    def flat(self) -> Array:
        """Return all parameters as one vector, of shape (parameters,)."""
        arrays = [getattr(part, name) for part in self.simple() for name in part.parameters]
        return np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0)

    def filled(self, values: npt.ArrayLike) -> "Network":
        """Return the network with the parameters of a vector in the order of `flat`."""
        vector, position = as_numbers(values), 0
        if vector.shape != self.flat().shape:
            raise ShapeError(f"parameters: expected {self.flat().shape}, received {vector.shape}")

        def take(array: Array) -> Array:
            nonlocal position
            position += array.size
            return vector[position - array.size : position].reshape(array.shape)

        return self.map(take)

    def simple(self) -> Iterator[Part]:
        """Yield the parts in the order of computing, those inside of shortcuts one by one."""
        for part in self.parts:
            yield from part.simple()

    def _check_widths(self) -> None:
        width = None
        for place, part in enumerate(self.parts):
            inputs = part.inputs
            if inputs != width and None not in (inputs, width):
                l = _layers(self.parts[:place]) + min(_layers([part]), 1)
                raise ShapeError(
                    f"layer {l}: expected a part that takes {width} inputs, as many as the one "
                    f"before it gives, received {type(part).__name__} with {inputs} inputs"
                )
            width = part.outputs or inputs or width


def _layers(parts: Iterable[Part]) -> int:
    """Return how many layers there are in parts of a network, those inside of shortcuts too."""
    return sum(isinstance(simple, Dense) for part in parts for simple in part.simple())


class Layer(Network):
    """A network of one layer: weighted sums, and what follows them.

    Parameters
    ----------
    weights : array_like of shape (n_l, n_{l-1})
        One row per unit. Lists of integers become floats; arrays from
        `nnbook.theory.arrays.exact` stay exact.
    biases : array_like of shape (n_l,) or (n_l, 1)
        One per unit.
    activation : str or Activation
        What is applied to the sums.
    """

    def __init__(
        self, weights: npt.ArrayLike, biases: npt.ArrayLike, activation: str | Activation
    ) -> None:
        dense = Dense(weights, biases)  # type: ignore[arg-type]
        super().__init__((dense, get_activation(activation)))

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Layer":
        """Return the layer that consists of these parts."""
        layer = cls.__new__(cls)
        Network.__init__(layer, parts)
        return layer

    @property
    def weights(self) -> Array:
        """The weights, of shape (n_l, n_{l-1})."""
        return self._dense.weights

    @property
    def biases(self) -> Array:
        """The biases, of shape (n_l, 1)."""
        return self._dense.biases

    @property
    def activation(self) -> Activation:
        """The activation; the identity if there is none."""
        found = (part for part in self.parts if isinstance(part, Activation))
        return next(found, identity)

    @property
    def _dense(self) -> Dense:
        for part in self.parts:
            if isinstance(part, Dense):
                return part
        raise ShapeError(f"expected a layer with weights, received only {self.parts}")


@dataclass(frozen=True, eq=False)
class Shortcut(Part):
    r"""A residual connection: :math:`a + h(a)`, with a network `h` of equal width at both ends.

    He et al. (2016). Going back, the gradient passes along both ways.

    Parameters
    ----------
    inside : Network or tuple of parts
        The function `h`.

    Raises
    ------
    ShapeError
        If `h` gives more or fewer rows than it takes.
    """

    inside: Network

    def __post_init__(self) -> None:
        """Make a network of what is inside, and compare its ends."""
        inside = self.inside if isinstance(self.inside, Network) else Network(self.inside)
        object.__setattr__(self, "inside", inside)
        ends = [part for part in inside.parts if part.inputs is not None]
        if ends and (ends[-1].outputs or ends[-1].inputs) != ends[0].inputs:
            raise ShapeError(
                f"a shortcut: expected as many outputs as inputs inside, received "
                f"{ends[0].inputs} inputs and {ends[-1].outputs} outputs"
            )

    @property
    def inputs(self) -> int | None:
        """How many rows the first part inside takes."""
        return next((part.inputs for part in self.inside.parts if part.inputs), None)

    def forward(self, a: npt.ArrayLike, training: Training = False) -> "tuple[Array, ForwardPass]":
        """Compute a + h(a); the way back needs the pass through h."""
        a = self._checked(a)
        forward = self.inside.forward(a, training)
        return a + forward.prediction, forward

    def pull_back(self, forward: "ForwardPass", gradient: npt.ArrayLike) -> Array:
        """Return the gradient with respect to a: what arrives, and what comes back through h."""
        g, first = as_numbers(gradient), self.inside.parts[0]
        return g + first.pull_back(forward.kept[0], self.inside.way_back(forward, g)[0])

    def gradients(self, forward: "ForwardPass", gradient: npt.ArrayLike) -> "Shortcut":
        """Return the derivatives with respect to the parameters of h."""
        signals = self.inside.way_back(forward, as_numbers(gradient))
        return Shortcut(self.inside.gradients(forward, signals))

    def map(self, function: Callable[..., npt.ArrayLike], *others: Part) -> "Shortcut":
        """Return the shortcut with `function` applied inside; see `Network.map`."""
        insides = [other.inside for other in others if isinstance(other, Shortcut)]
        if len(insides) < len(others):
            raise ShapeError(f"expected a shortcut in the same place, received {others}")
        return Shortcut(self.inside.map(function, *insides))

    def simple(self) -> Iterator[Part]:
        """Yield the parts inside."""
        return self.inside.simple()


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """The record of a forward pass: for each part its output, and what the way back needs."""

    parts: tuple[Part, ...]
    x: Array
    outputs: tuple[Array, ...]
    kept: tuple[Any, ...]

    @property
    def prediction(self) -> Array:
        """The output of the last part, of shape (n_L, B)."""
        return self.outputs[-1]

    @property
    def z(self) -> dict[int, Array]:
        """The pre-activations z[l] for l = 1..L, each (n_l, B): what the activation receives."""
        return {l: z for l, z, _ in self._layers()}

    @property
    def a(self) -> dict[int, Array]:
        """The inputs a[0], and the activations a[l] for l = 1..L, each of shape (n_l, B)."""
        return {0: self.x} | {l: a for l, _, a in self._layers()}

    def _layers(self) -> Iterator[tuple[int, Array, Array]]:
        """Yield l, z^l and a^l; of a layer that has an activation, the last word is that."""
        l = 0
        for part, output, kept in self._simple():
            l += isinstance(part, Dense)
            if isinstance(part, Dense):
                yield l, output, output
            elif isinstance(part, Activation) and l > 0:
                yield l, kept, output

    def _simple(self) -> Iterator[tuple[Part, Array, Any]]:
        for part, output, kept in zip(self.parts, self.outputs, self.kept, strict=True):
            if isinstance(kept, ForwardPass):
                yield from kept._simple()
            else:
                yield part, output, kept


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """The loss, its gradients, and the signals: the gradient at the output of each part."""

    loss: Any
    gradients: Network
    forward: ForwardPass
    signals: tuple[Array, ...]

    @property
    def deltas(self) -> dict[int, Array]:
        """The error signals deltas[l] = dL/dz^l for l = 1..L, each of shape (n_l, B)."""
        l, deltas = 0, {}
        for part, kept, signal in _simple_signals(self.forward, self.signals):
            l += isinstance(part, Dense)
            if isinstance(part, Dense):
                deltas[l] = signal
            elif isinstance(part, Activation) and l > 0:
                deltas[l] = part.pull_back(kept, signal)
        return deltas


def _simple_signals(
    forward: ForwardPass, signals: tuple[Array, ...]
) -> Iterator[tuple[Part, Any, Array]]:
    """Yield each simple part with what it kept and the gradient at its output."""
    for part, kept, signal in zip(forward.parts, forward.kept, signals, strict=True):
        if isinstance(part, Shortcut):
            yield from _simple_signals(kept, part.inside.way_back(kept, signal))
        else:
            yield part, kept, signal
