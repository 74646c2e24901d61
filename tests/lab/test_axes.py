import matplotlib.pyplot as plt

from nnbook.lab.axes import localize
from nnbook.metrics import Marks


def test_numbers_on_axes_have_the_comma_of_the_language_and_limits_stay() -> None:
    figure, axes = plt.subplots()
    axes.plot([0.1, 0.9], [0.15, 0.35])
    limits = axes.get_xlim(), axes.get_ylim()
    localize(figure, Marks(",", " "))
    figure.canvas.draw()
    texts = [text.get_text() for text in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    assert any("," in text for text in texts) and not any("." in text for text in texts)
    assert (axes.get_xlim(), axes.get_ylim()) == limits
    plt.close(figure)


def test_a_logarithmic_axis_keeps_its_powers() -> None:
    figure, axes = plt.subplots()
    axes.semilogy([0, 1], [0.002, 0.3])
    localize(figure, Marks(",", " "))
    figure.canvas.draw()
    texts = [text.get_text() for text in axes.get_yticklabels()]
    assert "10⁻²" in texts
    assert [text for text in texts if text] == ["10⁻³", "10⁻²", "10⁻¹", "10⁰"]
    plt.close(figure)


def test_a_short_logarithmic_axis_has_its_numbers_between_powers() -> None:
    figure, axes = plt.subplots()
    axes.semilogy([0, 1], [0.02, 0.06])
    localize(figure, Marks(",", " "))
    figure.canvas.draw()
    texts = [text.get_text() for text in axes.get_yticklabels(which="minor")]
    assert "3×10⁻²" in texts and not any("$" in text for text in texts)
    plt.close(figure)
