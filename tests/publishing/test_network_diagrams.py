"""The numbers in drawings of networks are those of the passes, each at its place."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from nnbook.publishing.drawing.palette import contrast, on_dark
from nnbook.publishing.figures import COLORS
from nnbook.publishing.network_diagrams import plot_backward, plot_forward
from nnbook.theory.arrays import exact
from nnbook.theory.network import Layer, Network

NETWORK = Network(
    (
        Layer(exact([[1, -1], [2, 0], [0, 5]]), exact([0, -1, 0]), "relu"),
        Layer(exact([[1, 3, 7]]), exact([2]), "identity"),
    )
)
X, Y = exact([[1, 0], [3, "1/2"]]), exact([[4, 0]])
FORWARD = NETWORK.forward(X)
BACKWARD = NETWORK.backward(FORWARD, Y, "half_sse")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def units():
    """Return the text in each unit from left to right and top to bottom, and the unit's color."""
    axes = plt.gca()
    circles = [patch for patch in axes.patches if isinstance(patch, Circle)]
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    return [
        (texts[tuple(circle.center)], to_hex(circle.get_edgecolor()).upper())
        for circle in sorted(circles, key=lambda circle: (circle.center[0], -circle.center[1]))
    ]


def others():
    """Return all texts that stand in no unit, from top to bottom at each place from the left."""
    axes = plt.gca()
    centers = {tuple(p.center) for p in axes.patches if isinstance(p, Circle)}
    found = [text for text in axes.texts if text.get_text() and text.get_position() not in centers]
    return [
        text.get_text()
        for text in sorted(
            found, key=lambda t: (round(t.get_position()[0], 3), -t.get_position()[1])
        )
    ]


def test_the_forward_pass_of_an_example():
    plot_forward(NETWORK, FORWARD)
    blue, gray = COLORS[0].upper(), "#8C8C8C"
    assert units() == [
        ("1", blue), ("3", blue), ("0", gray), ("1", blue), ("15", blue), ("110", blue),
    ]  # fmt: skip
    weights = ["1", "\N{MINUS SIGN}1", "2", "0", "0", "5"]
    assert others() == [*weights, "$z$ = \N{MINUS SIGN}2", "$z$ = 1", "$z$ = 15", "1", "3", "7"]


def test_another_example_has_its_own_numbers():
    plot_forward(NETWORK, FORWARD, example=1)
    assert [text for text, _ in units()] == ["0", "1/2", "0", "0", "5/2", "39/2"]


def test_the_way_back():
    plot_backward(NETWORK, FORWARD, BACKWARD)
    orange, gray = COLORS[1].upper(), "#8C8C8C"
    assert units() == [
        ("1", gray), ("3", gray), ("0", gray), ("318", orange), ("742", orange), ("106", orange),
    ]  # fmt: skip
    assert others() == ["$f'$ = 0", "$f'$ = 1", "$f'$ = 1", "106", "318", "742"]


def test_what_is_zero_is_to_be_seen_on_light_and_dark_pages():
    plot_forward(NETWORK, FORWARD)
    colors = {color for _, color in units()} | {
        to_hex(text.arrow_patch.get_edgecolor()).upper()
        for text in plt.gca().texts
        if getattr(text, "arrow_patch", None)
    }
    grays = [color for color in colors if color not in COLORS]
    assert grays
    for color in grays:
        assert contrast(color, "#FFFFFF") >= 3
        assert contrast(on_dark(color), "#121212") >= 3
