r"""Derivations with SymPy: what is claimed about activations and losses, proved step by step.

This module knows nothing of `nnbook.theory.activations` and `nnbook.theory.network`; it is what
they are tested against. Its functions return a `Derivation`, which a notebook shows as aligned
equations, or a `Maximum`. Both verify themselves when they are made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Derivative, Rational, S, exp, log, tanh

from nnbook.errors import DerivationError

__all__ = [
    "Derivation",
    "Maximum",
    "chain_of_neurons",
    "linear_half_sse",
    "sigmoid",
    "sigmoid_binary_cross_entropy",
    "sigmoid_derivative",
    "sigmoid_derivative_maximum",
    "sigmoid_half_sse",
    "softmax_categorical_cross_entropy",
    "softplus_derivative",
    "tanh_derivative",
]

Z = sympy.Symbol("z", real=True)
Y = sympy.Symbol("y", real=True)
PREDICTION = sympy.Symbol(r"\hat{y}", positive=True)
SIGMA = sympy.Function("sigma", real=True)


@dataclass(frozen=True)
class Derivation:
    """A chain of equations, each of which has been verified.

    Parameters
    ----------
    claim : str
        What is shown, in words.
    steps : tuple of pairs of SymPy expressions
        Left-hand and right-hand side of every equation, in the order of the argument. Derivatives
        may stand unevaluated, and the function sigma stands for the logistic sigmoid.
    definitions : mapping of SymPy symbols to expressions, optional
        What further symbols stand for.

    Raises
    ------
    DerivationError
        If some equation does not hold.
    """

    claim: str
    steps: tuple[tuple[sympy.Expr, sympy.Expr], ...]
    definitions: Mapping[sympy.Symbol, sympy.Expr] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Verify every equation."""
        for number, (left, right) in enumerate(self.steps, start=1):
            difference = (left - right).doit().subs(self.definitions).doit()
            written_out = difference.replace(SIGMA, sigmoid).doit().rewrite(exp)
            if sympy.simplify(written_out) != 0:
                raise DerivationError(
                    f"{self.claim}: step {number} does not hold: {left} is not {right}"
                )

    @property
    def result(self) -> sympy.Expr:
        """The right-hand side of the last equation."""
        return self.steps[-1][1]

    def _repr_latex_(self) -> str:
        rows = [f"{sympy.latex(left)} &= {sympy.latex(right)}" for left, right in self.steps]
        return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


@dataclass(frozen=True)
class Maximum:
    """The largest value of a function on the real line, with the proof that it is the largest.

    Parameters
    ----------
    value : SymPy number
        The maximum.
    function : SymPy expression in z
        What is bounded.
    root : SymPy expression in z
        Real, with value - function = root**2; so the function never exceeds the value, and attains
        it where the root is zero and nowhere else.

    Raises
    ------
    DerivationError
        If value - function is not root**2, or the root is not real.
    """

    value: sympy.Expr
    function: sympy.Expr
    root: sympy.Expr

    def __post_init__(self) -> None:
        """Verify the square, and that it is one of a real number."""
        if not self.proof.steps[0][1].replace(SIGMA, sigmoid).is_nonnegative:
            raise DerivationError(f"{self.root} is not real, so its square proves nothing")

    @property
    def proof(self) -> Derivation:
        """The equation value - function = root**2."""
        return Derivation(
            f"the maximum is {self.value}", ((self.value - self.function, self.root**2),)
        )

    @property
    def where(self) -> tuple[sympy.Expr, ...]:
        """Every real z at which the maximum is attained."""
        zeros = sympy.solveset(self.root.replace(SIGMA, sigmoid), Z, S.Reals)
        return tuple(zeros)

    def _repr_latex_(self) -> str:
        left, right = self.proof.steps[0]
        return f"$${sympy.latex(left, order='rev-lex')} = {sympy.latex(right, order='rev-lex')}$$"


def sigmoid(argument: sympy.Expr) -> sympy.Expr:
    """Return the logistic sigmoid written out, 1 / (1 + exp(-argument))."""
    return 1 / (1 + exp(-argument))


def sigmoid_derivative() -> Derivation:
    r"""Show that :math:`\sigma' = \sigma (1 - \sigma)`.

    Examples
    --------
    >>> sigmoid_derivative().result
    (1 - sigma(z))*sigma(z)
    """
    slope = Derivative(SIGMA(Z), Z)
    return Derivation(
        "the derivative of the sigmoid",
        (
            (SIGMA(Z), sigmoid(Z)),
            (slope, exp(-Z) / (1 + exp(-Z)) ** 2),
            (slope, SIGMA(Z) * (1 - SIGMA(Z))),
        ),
    )


def sigmoid_derivative_maximum() -> Maximum:
    r"""Show that :math:`\sigma' \le 1/4`, with equality at `z` = 0 only.

    Completing the square: :math:`1/4 - \sigma(1 - \sigma) = (1/2 - \sigma)^2`.

    Examples
    --------
    >>> maximum = sigmoid_derivative_maximum()
    >>> maximum.value, maximum.where
    (1/4, (0,))
    """
    return Maximum(Rational(1, 4), sigmoid_derivative().result, Rational(1, 2) - SIGMA(Z))


def tanh_derivative() -> Derivation:
    r"""Show that :math:`\tanh' = 1 - \tanh^2`."""
    written_out = (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z))
    return Derivation(
        "the derivative of the hyperbolic tangent",
        (
            (tanh(Z), written_out),
            (Derivative(tanh(Z), Z), 4 / (exp(Z) + exp(-Z)) ** 2),
            (Derivative(tanh(Z), Z), 1 - tanh(Z) ** 2),
        ),
    )


def softplus_derivative() -> Derivation:
    r"""Show that the derivative of :math:`\log(1 + e^z)` is the sigmoid."""
    slope = Derivative(log(1 + exp(Z)), Z)
    return Derivation(
        "the derivative of softplus",
        ((slope, exp(Z) / (1 + exp(Z))), (slope, SIGMA(Z))),
    )


def linear_half_sse() -> Derivation:
    r"""Show that identity output and half squared error give :math:`\hat y - y` at `z`."""
    return Derivation(
        "identity and half squared error",
        (
            (Derivative((PREDICTION - Y) ** 2 / 2, PREDICTION), PREDICTION - Y),
            (Derivative(Z, Z), S.One),
            (Derivative((Z - Y) ** 2 / 2, Z), PREDICTION - Y),
        ),
        {PREDICTION: Z},
    )


def sigmoid_binary_cross_entropy() -> Derivation:
    r"""Show that sigmoid output and binary cross-entropy give :math:`\hat y - y` at `z`."""
    return Derivation(
        "sigmoid and binary cross-entropy",
        (
            (
                Derivative(_binary_cross_entropy(PREDICTION), PREDICTION),
                (PREDICTION - Y) / (PREDICTION * (1 - PREDICTION)),
            ),
            (Derivative(SIGMA(Z), Z), PREDICTION * (1 - PREDICTION)),
            (Derivative(_binary_cross_entropy(SIGMA(Z)), Z), PREDICTION - Y),
        ),
        {PREDICTION: SIGMA(Z)},
    )


def softmax_categorical_cross_entropy(classes: int = 3) -> Derivation:
    r"""Show that softmax output and categorical cross-entropy give :math:`\hat y_k - y_k` at `z_k`.

    Parameters
    ----------
    classes : int
        How many, at least 2. The targets sum to 1: the last is 1 minus the others.

    Returns
    -------
    Derivation
        Two entries of the Jacobian of softmax, the loss in terms of the logits (with targets that
        sum to 1), then one equation per class.
    """
    numbers = range(1, classes + 1)
    logits = [sympy.Symbol(f"z_{k}", real=True) for k in numbers]
    outputs = [sympy.Symbol(rf"\hat{{y}}_{k}", positive=True) for k in numbers]
    targets = [sympy.Symbol(f"y_{k}", real=True) for k in numbers]
    probabilities = [exp(logit) / sum(exp(other) for other in logits) for logit in logits]
    loss = sympy.Function("L", real=True)(*logits)
    written_out = log(sum(map(exp, logits))) - sum(
        t * z for t, z in zip(targets, logits, strict=True)
    )
    preparation = (
        (Derivative(probabilities[0], logits[0]), outputs[0] * (1 - outputs[0])),
        (Derivative(probabilities[0], logits[1]), -outputs[0] * outputs[1]),
        (loss, written_out),
    )
    gradient = tuple(
        (Derivative(loss, logit), output - target)
        for logit, output, target in zip(logits, outputs, targets, strict=True)
    )
    definitions: dict[Any, Any] = dict(zip(outputs, probabilities, strict=True))
    definitions[loss] = -sum(t * log(p) for t, p in zip(targets, probabilities, strict=True))
    definitions[targets[-1]] = 1 - sum(targets[:-1])
    return Derivation("softmax and categorical cross-entropy", preparation + gradient, definitions)


def sigmoid_half_sse() -> Derivation:
    r"""Show that with sigmoid output and half squared error the factor :math:`f'(z)` stays."""
    loss = (SIGMA(Z) - Y) ** 2 / 2
    return Derivation(
        "sigmoid and half squared error",
        (
            (Derivative(loss, Z), (PREDICTION - Y) * Derivative(SIGMA(Z), Z)),
            (Derivative(loss, Z), (PREDICTION - Y) * PREDICTION * (1 - PREDICTION)),
        ),
        {PREDICTION: SIGMA(Z)},
    )


def chain_of_neurons(neurons: int = 3) -> Derivation:
    r"""Show how the cost of a chain of neurons changes with the bias of the first.

    Neuron l of L computes :math:`a_l = f(z_l)` with :math:`z_l = w_l a_{l-1} + b_l`, from the input
    :math:`a_0`, and the cost is a function of :math:`a_L`. Activation and cost are any
    differentiable functions. The equations are the derivatives of the cost with respect to the
    biases, from the last neuron to the first.

    Parameters
    ----------
    neurons : int
        How many, at least 1.

    Examples
    --------
    >>> len(chain_of_neurons(4).steps)
    4
    """
    f, cost = sympy.Function("f"), sympy.Function("C")
    weights = sympy.symbols(f"w_1:{neurons + 1}", real=True)
    biases = sympy.symbols(f"b_1:{neurons + 1}", real=True)
    names = sympy.symbols(f"z_1:{neurons + 1}", real=True)
    output = sympy.Symbol(f"a_{neurons}", real=True)

    a: sympy.Expr = sympy.Symbol("a_0", real=True)
    definitions: dict[Any, Any] = {}
    for w, b, z in zip(weights, biases, names, strict=True):
        definitions[z] = w * a + b
        a = f(definitions[z])
    definitions[output] = a

    error: sympy.Expr = Derivative(cost(output), output)
    steps = []
    for w, b, z in reversed(list(zip(weights, biases, names, strict=True))):
        error = Derivative(f(z), z) * error
        definitions[cost(b)] = cost(a)
        steps.append((Derivative(cost(b), b), error))
        error = w * error
    return Derivation("the derivatives along a chain of neurons", tuple(steps), definitions)


def _binary_cross_entropy(prediction: sympy.Expr) -> sympy.Expr:
    return -(Y * log(prediction) + (1 - Y) * log(1 - prediction))
