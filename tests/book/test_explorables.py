"""The explorable in a real browser, moved with the keyboard; its print fallback as text."""

import json
import re

import numpy as np
import pytest
import sympy

from nnbook.publishing.explorables.slider import Explorable, Quantity

ETA = sympy.Symbol("eta", positive=True)
QUARTER = sympy.Rational(1, 4)
SWITCH = sympy.Piecewise((0, ETA <= QUARTER), (ETA - QUARTER, True))


@pytest.fixture(scope="module")
def explorable():
    return Explorable(
        parameter=ETA,
        name="learning rate",
        start=0,
        stop=sympy.Rational(1, 2),
        step=sympy.Rational(1, 100),
        default=sympy.Rational(1, 10),
        quantities=[Quantity("W^1", "weights", np.array([[1 - ETA, SWITCH]], dtype=object))],
        headline=Quantity("L", "loss", (1 - 10 * ETA) ** 2),
    )


def test_print_shows_the_default_exactly(explorable):
    text = explorable._repr_latex_()
    assert r"\eta = \frac{1}{10}" in text
    assert r"W^1 & \begin{bmatrix}\frac{9}{10} & 0\end{bmatrix}" in text


def test_the_page_is_self_contained(explorable):
    html = explorable._repr_html_()
    assert not re.search(r"(src|href)=|https?://|@[A-Z]+@", html)
    assert html == explorable._repr_html_()
    data = json.loads(re.search(r'nnx-data">(.*?)</script>', html).group(1))
    assert data["q0"] == [[[[0.5, [1, -1]]], [[0.25, [0]], [0.5, [-0.25, 1]]]]]


def test_keyboard_and_number_field_move_everything(explorable, browser):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(explorable._repr_html_())
    shown = lambda: [*page.locator("td").all_text_contents(), page.locator("output").inner_text()]  # noqa: E731
    assert shown() == ["0.9", "0", "0"]

    page.get_by_label("learning rate", exact=False).first.focus()
    page.keyboard.press("ArrowRight")
    assert shown() == ["0.89", "0", "0.01"]
    page.keyboard.press("End")
    assert shown() == ["0.5", "0.25", "16"]

    number = page.get_by_label("learning rate, as a number")
    number.fill("0.3333")
    assert shown() == ["0.6667", "0.0833", "5.4429"]
    for typed in ("1/5", "0,2", " .2 "):
        number.fill("0.4")
        number.fill(typed)
        assert shown()[0] == "0.8", typed
        assert number.get_attribute("aria-invalid") == "false"
    # What is no number from the range changes nothing, stays as it was typed, and is said.
    for typed in ("7", "1/0", "1//5", "-0.1", "1e-1", "a fifth", ""):
        number.fill(typed)
        number.blur()
        assert number.get_attribute("aria-invalid") == "true", typed
        assert (number.input_value(), shown()[0]) == (typed, "0.8")
    hint = page.locator(f"#{number.get_attribute('aria-describedby')}").inner_text()
    assert "from 0 to 0.5; fractions such as 1/10" in hint
    page.get_by_label("learning rate", exact=False).first.focus()
    page.keyboard.press("End")
    assert number.get_attribute("aria-invalid") is None
    assert page.locator("output[aria-live=polite]").count() == 1
    assert not errors
    page.close()


def test_matrices_have_brackets_and_keep_their_width(explorable, browser):
    page = browser.new_page()
    page.set_content(explorable._repr_html_())
    slider = page.get_by_label("learning rate", exact=False).first
    slider.focus()
    widths = set()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        widths.add(page.locator("table").evaluate("t => t.getBoundingClientRect().width"))
    assert len(widths) == 1
    bracket = "t => { const s = getComputedStyle(t, '::before'); return [s.borderTopWidth, s.borderLeftWidth, s.borderRightWidth]; }"  # noqa: E501
    top, left, right = page.locator("table").evaluate(bracket)
    assert "0px" not in {top, left}
    assert right == "0px"
    page.close()
