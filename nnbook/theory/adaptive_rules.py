r"""The update rules that give each parameter a pace of its own: Adagrad and what came after it.

Symbols, and how a rule is written, are those of `nnbook.theory.rules`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnbook.errors import DataError
from nnbook.theory.arrays import Array, is_exact
from nnbook.theory.rules import Optimizer, State


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


def _sqrt(array: Array) -> Array:
    if is_exact(array):
        raise DataError(
            "expected floats, as this optimizer takes square roots, received exact numbers: "
            "convert them with .astype(float), or use 'sgd', 'momentum' or 'nesterov'"
        )
    return np.asarray(np.sqrt(array))
