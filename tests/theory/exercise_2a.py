"""Exercise 2a by hand: the same numbers with nothing but fractions and the chain rule, written out.

Nothing of nnbook is imported here. Each line is one product or sum that can be checked on paper.
"""

from fractions import Fraction

F = Fraction

X = [[F(-1), F(2)], [F(1), F(-1)]]  # one example per column
Y = [[F(1), F(-1)]]
W1 = [[F(1), F(2)], [F(0), F(-1)], [F(-1), F(-3)], [F(-2), F(2)]]
B1 = [F(-2), F(2), F(0), F(-2)]
W2 = [[F(1), F(0), F(-1), F(2)]]
B2 = [F(-2)]

# z1 = W1 x + b1, unit by unit, for x1 = (-1, 1) and x2 = (2, -1)
Z1 = [
    [1 * F(-1) + 2 * F(1) - 2, 1 * F(2) + 2 * F(-1) - 2],
    [0 * F(-1) - 1 * F(1) + 2, 0 * F(2) - 1 * F(-1) + 2],
    [-1 * F(-1) - 3 * F(1) + 0, -1 * F(2) - 3 * F(-1) + 0],
    [-2 * F(-1) + 2 * F(1) - 2, -2 * F(2) + 2 * F(-1) - 2],
]
A1 = [[F(0), F(0)], [F(1), F(3)], [F(0), F(1)], [F(2), F(0)]]
PREDICTION = [
    [
        1 * F(0) + 0 * F(1) - 1 * F(0) + 2 * F(2) - 2,
        1 * F(0) + 0 * F(3) - 1 * F(1) + 2 * F(0) - 2,
    ]
]
ERRORS = (PREDICTION[0][0] - Y[0][0], PREDICTION[0][1] - Y[0][1])
HALF_SSE = (ERRORS[0] ** 2 + ERRORS[1] ** 2) / 2
SSE = ERRORS[0] ** 2 + ERRORS[1] ** 2

# With the factor 1/2, delta2 is the error. delta1 is W2 times delta2 where the unit is active:
# unit 1 is active for no example, unit 2 has outgoing weight 0,
# unit 3 is active for x2 only, unit 4 for x1 only.
DELTA2 = [[ERRORS[0], ERRORS[1]]]
DELTA1 = [
    [F(0), F(0)],
    [0 * ERRORS[0], 0 * ERRORS[1]],
    [F(0), -1 * ERRORS[1]],
    [2 * ERRORS[0], F(0)],
]
# dL/dW1 = sum over the examples of delta1 times x; dL/db1 = sum of delta1
GRADIENT_W1 = [
    [F(0), F(0)],
    [F(0), F(0)],
    [DELTA1[2][1] * 2, DELTA1[2][1] * -1],
    [DELTA1[3][0] * -1, DELTA1[3][0] * 1],
]
GRADIENT_B1 = [F(0), F(0), DELTA1[2][1], DELTA1[3][0]]
# dL/dW2 = sum over the examples of delta2 times a1; dL/db2 = sum of delta2
GRADIENT_W2 = [
    [
        F(0),
        ERRORS[0] * 1 + ERRORS[1] * 3,
        ERRORS[1] * 1,
        ERRORS[0] * 2,
    ]
]
GRADIENT_B2 = [ERRORS[0] + ERRORS[1]]
