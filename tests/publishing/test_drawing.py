"""The style of the book's figures: colors, letters, dashes, labels, the form for narrow screens."""

import itertools
import re
from colorsys import rgb_to_hls
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from nnbook.publishing.drawing import palette
from nnbook.publishing.drawing.dodged import dodge
from nnbook.publishing.drawing.finish import DASHES, LEAST, finish, spread
from nnbook.publishing.drawing.flowing import flowing
from nnbook.publishing.drawing.grounds import on_dark_ground
from nnbook.publishing.drawing.narrow import WIDTH, has_narrow_form, narrowed
from nnbook.publishing.drawing.palette import COLORS, contrast, linear
from nnbook.publishing.drawing.series import boxes, series
from nnbook.publishing.drawing.style import as_svg, use_style
from nnbook.publishing.drawing.svg import alone, carried, draw
from nnbook.publishing.figures import plot_confusion, plot_weight_images

mpl.use("Agg")

# How people without one kind of cones see light (Machado, Oliveira and Fernandes 2009).
VISIONS = {
    "all cones": np.eye(3),
    "no long cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                      [-0.003882, -0.048116, 1.051998]],
    "no medium cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                        [-0.011820, 0.042940, 0.968881]],
    "no short cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                       [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        use_style()
        yield
    plt.close("all")


# From linear red, green and blue to the space OKLab (Ottosson 2020).
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def pair(color, kind="stroke"):
    pairs = palette.Pairs()
    pairs.variable(color, kind)
    [found] = pairs.values()
    return found


@pytest.mark.parametrize("color", [*COLORS, "#FDE725", "#440154"])
def test_lines_and_their_labels_stand_out_on_light_and_dark_pages(color):
    for kind, least in (("stroke", 3.0), ("text", 4.5)):
        for shown, paper in zip(pair(color, kind), pair("#FFFFFF"), strict=True):
            assert contrast(shown, paper) >= least, (kind, shown, paper)


def test_what_is_filled_with_black_follows_the_theme_as_what_is_drawn_with_it():
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], "X", color="black")
    svg = draw(figure)
    filled = [use for use in re.findall(r"<use [^>]*>", svg) if "miter" in use]
    assert filled
    assert not [use for use in filled if "fill:" in use]  # it is SVG's own color of what is filled
    assert re.search(r"[}>]svg\{fill:var\(--ink,", svg)


def test_areas_of_a_scale_keep_their_color_and_grounds_follow_the_theme():
    assert pair("#9CC3DE", "fill") == ("#9CC3DE", "#9CC3DE")
    light, dark = pair("#DDDDDD", "fill")
    assert contrast(light, "#FFFFFF") < 2 > contrast(dark, "#121212")


@pytest.mark.parametrize("gray", ["#EEEEEE", "#DDDDDD", "#BBBBBB", "#999999", "#595959"])
def test_grays_stand_out_as_much_on_dark_pages_as_on_light_ones(gray):
    light, dark = (contrast(*seen) for seen in zip(pair(gray), pair("#FFFFFF"), strict=True))
    assert dark == pytest.approx(light, rel=0.02)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("vision", VISIONS)
def test_colors_are_told_apart_with_any_vision(theme, vision):
    seen = [
        TO_LAB @ np.cbrt(TO_CONES @ np.clip(VISIONS[vision] @ linear(pair(c)[theme]), 0, 1))
        for c in COLORS
    ]
    least = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert least > 0.05  # about twice what can be told side by side


def lines(count=3, **settings):
    figure, axes = plt.subplots(**settings)
    for panel in np.ravel(axes):
        for k in range(count):
            panel.plot(np.arange(9), np.arange(9) * (k + 1), label=f"line {k}")
        panel.set(xlabel=r"rate $\eta$", ylabel="loss")
        panel.legend()
    return figure


def test_a_figure_has_the_type_and_the_colors_of_the_page():
    svg, _ = carried(as_svg(lines()))
    root = ElementTree.fromstring(svg)
    style = root.find("{*}style").text
    assert "font-family:system-ui," in style
    assert "@media (prefers-color-scheme:dark){:root{" in style
    assert svg.count("DejaVu") == 1, "for programs that have no type of their own"
    drawn = svg.replace(style, "")
    assert not re.search(r": #[0-9a-f]{6}\b", drawn), "each color is a variable"
    used = set(re.findall(r"var\((--\w+),#[0-9A-F]{6}\)", svg))
    assert used
    for theme in style.split("@media")[:2]:
        assert used <= set(re.findall(r"(--\w+):#", theme))
    assert 'rate <tspan font-style="italic">η</tspan>' in svg


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"$\mathdefault{10^{-3}}$", "10⁻³"),
        (r"$\mathdefault{2\times10^{2}}$", "2×10²"),
        ("costs \\$5", "costs $5"),
        (r"$\frac{1}{2}$", None),
        (r"$\sqrt{2}$", None),
        ("a $ alone", None),
    ],
)
def test_mathematics_flows_where_it_is_one_line(text, line):
    assert flowing(text) == line


@pytest.mark.parametrize(("colors", "follows"), [("Oranges", True), ("gray", False)])
def test_text_upon_a_picture_follows_the_theme_as_the_picture_does(colors, follows):
    _, axes = plt.subplots()
    axes.imshow([[0, 1]], cmap=colors)
    axes.text(0, 0, "upon")
    axes.set_title("above")
    svg, _ = carried(as_svg(plt.gcf()))
    above, upon = (
        re.search(rf'style="([^"]*)"[^>]*>{word}<', svg)[1] for word in ("above", "upon")
    )
    assert ("fill: #000000" not in upon) == follows
    assert "#000000" not in above
    forms = re.findall(r'<image[^>]*?base64,([^"]*)"[^>]*? id="(\w+-\w+)', svg)
    assert [form for _, form in forms] == (["on-light", "on-dark"] if follows else [])
    assert len(re.findall("<image", svg)) == 1 + follows
    assert len({content for content, _ in forms}) == len(forms)
    assert "on-dark" not in alone(svg)
    assert len(re.findall("<image", alone(svg))) == 1


def test_what_is_light_is_dark_on_a_dark_page_and_has_its_hue():
    pixels = np.random.default_rng(1).integers(0, 256, (200, 1, 4), dtype=np.uint8)
    shown = on_dark_ground(pixels)
    assert (shown[..., 3] == pixels[..., 3]).all()
    for before, after in zip(pixels[:, 0, :3] / 255, shown[:, 0, :3] / 255, strict=True):
        (hue, light, _), (same, dark, _) = (rgb_to_hls(*color) for color in (before, after))
        assert dark == pytest.approx(18 / 255 + (1 - 18 / 255) * (1 - light), abs=0.004)
        if np.ptp(after) > 0.2:
            assert abs((hue - same + 0.5) % 1 - 0.5) < 0.01


def test_numbers_upon_a_confusion_matrix_are_legible_on_either_page():
    counts = np.arange(100).reshape(10, 10)
    plot_confusion(counts)
    figure = plt.gcf()
    finish(figure)
    [image] = figure.axes[0].images
    pixels = image.to_rgba(image.get_array(), bytes=True)
    for ink, picture in (("#222832", pixels), ("#D5DBE1", on_dark_ground(pixels))):
        cells = {"#" + bytes(cell[:3]).hex() for row in picture for cell in row}
        assert min(contrast(ink, cell) for cell in cells) >= 4.5


def test_no_text_is_small():
    figure = lines()
    figure.axes[0].legend(fontsize=5)
    figure.axes[0].text(0, 0, "tiny", fontsize=4)
    finish(figure)
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text()}
    assert min(sizes) >= LEAST
    with narrowed(figure):
        assert min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text()) >= LEAST


def test_lines_of_other_colors_have_other_dashes_unless_a_cell_has_set_some():
    figure = lines(2)
    finish(figure)
    one, other = figure.axes[0].lines
    assert one.get_linestyle() == "-"
    assert other._unscaled_dash_pattern[1] == DASHES[1][1]
    own = lines(2)
    own.axes[0].lines[0].set_linestyle(":")
    finish(own)
    assert [line.get_linestyle() for line in own.axes[0].lines] == [":", "-"]


def test_marks_of_other_colors_have_other_shapes():
    figure, axes = plt.subplots()
    for k in range(3):
        axes.plot([1, 2], [k, k], "o")
    finish(figure)
    assert [line.get_marker() for line in axes.lines] == ["o", "s", "^"]


def test_labels_stand_beside_the_ends_of_lines_where_there_is_room():
    figure = lines(3)
    finish(figure)
    axes = figure.axes[0]
    assert axes.get_legend() is None
    labels = {text.get_text(): text for text in axes.texts}
    assert list(labels) == ["line 0", "line 1", "line 2"]
    for line in axes.lines:
        text = labels[line.get_label()]
        assert to_hex(text.get_color()) == to_hex(line.get_color())
        end = axes.transLimits.transform((8, line.get_ydata()[-1]))[1]
        assert text.get_position()[1] == pytest.approx(end, abs=0.05)
    crowded, axes = plt.subplots()
    for k in range(3):
        axes.plot([0, 1], [k, 0], label=f"line {k}")
    axes.legend()
    finish(crowded)
    assert axes.get_legend() is not None, "they end in one place"


def test_long_labels_of_lines_are_a_legend_above_on_narrow_screens():
    figure, axes = plt.subplots()
    for k in range(2):
        axes.plot([0, 1], [0, k], label=f"a rather long label {k}")
    axes.legend()
    finish(figure)
    labels = list(axes.texts)
    assert len(labels) == 2
    with narrowed(figure):
        assert not any(text.get_visible() for text in labels)
        [legend] = figure.legends
        assert len(legend.get_texts()) == 2
    assert all(text.get_visible() for text in labels)


def test_places_are_spread_no_further_than_needed():
    assert spread([0.5, 0.52], 0.1) == [0.46, 0.56]
    assert spread([0.5] * 4, 0.1) is None


@pytest.mark.parametrize("columns", [2, 3])
def test_panels_are_stacked_on_narrow_screens_and_all_is_as_before_afterwards(columns):
    figure = lines(5, nrows=1, ncols=columns, sharey=True)
    for panel in figure.axes:
        panel.get_legend().set_loc("upper left")
    figure.axes[1].set_ylabel("")
    finish(figure)
    before = draw(figure)
    assert has_narrow_form(figure)
    with narrowed(figure):
        narrow = draw(figure)
        tops = [panel.get_position().y1 for panel in figure.axes]
        lefts = {round(panel.get_position().x0, 3) for panel in figure.axes}
        assert tops == sorted(tops, reverse=True) and len(lefts) == 1
        assert figure.get_figwidth() == WIDTH
        assert figure.axes[1].get_ylabel() == "loss"
        assert figure.axes[1].yaxis.get_tick_params()["labelleft"]
        [legend] = figure.legends
        assert [text.get_text() for text in legend.get_texts()] == [f"line {k}" for k in range(5)]
        assert legend.get_window_extent().y0 >= figure.axes[0].get_window_extent().y1
    assert 'width="252pt"' in narrow
    assert not figure.legends
    assert draw(figure) == before


def test_long_labels_of_rows_and_axes_are_broken_on_narrow_screens():
    figure, axes = plt.subplots()
    axes.plot([1, 2], [0, 1], "o")
    axes.set_yticks([0, 1], ["a label that is far too long for this", "short"])
    axes.set_xlabel("what is measured here, and in which units it is (scaled units)")
    finish(figure)
    with narrowed(figure):
        figure.draw_without_rendering()
        assert "\n" in axes.get_yticklabels()[0].get_text()
        box = axes.xaxis.label.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
    assert axes.get_yticklabels()[0].get_text() == "a label that is far too long for this"


def test_broken_labels_of_rows_have_room_in_all_panels_of_narrow_screens():
    figure, panels = plt.subplots(1, 2, sharey=True, layout="constrained")
    for axes in panels:
        axes.plot(range(8), range(8), "o")
    panels[0].set_yticks(range(8), [f"candidate {k}, which is penalized" for k in range(8)])
    finish(figure)
    with narrowed(figure):
        figure.draw_without_rendering()
        for axes in panels:
            boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
            assert len(boxes) == 8
            assert all(a.y1 <= b.y0 for a, b in itertools.pairwise(boxes))


def test_numbers_do_not_stand_upon_each_other_on_narrow_screens():
    figure, axes = plt.subplots()
    axes.plot([0, 9], [0, 1])
    axes.set_xticks(range(10), [f"{10_000 * k:,}" for k in range(10)])
    finish(figure)
    with narrowed(figure):
        figure.draw_without_rendering()
        shown = [label for label in axes.get_xticklabels() if label.get_text()]
        ends = [label.get_window_extent() for label in shown]
        assert 3 <= len(shown) < 10
        assert len(axes.get_xticks()) == len(shown)
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(ends))


def test_pictures_of_weights_are_large_enough_to_be_seen():
    plot_weight_images({"weights": np.arange(15 * 784.0).reshape(15, 784)}, units=15)
    figure = plt.gcf()
    finish(figure)
    draw(figure)
    for context in (None, narrowed(figure)):
        if context:
            context.__enter__()
        [axes], [image] = figure.axes, figure.axes[0].images
        tiles = image.get_array().shape[1] / 30
        width = axes.get_position().width * figure.get_figwidth() * 96
        assert width / tiles >= 64
        pictures = np.asarray(np.ma.filled(image.get_array(), np.nan))
        assert np.isfinite(pictures).sum() == 15 * 784
        if context:
            context.__exit__(None, None, None)


def test_no_room_is_left_above_and_below_pictures_on_narrow_screens():
    figure, grid = plt.subplots(5, 10, figsize=(6.4, 2.55))
    for row in grid:
        row[0].set_ylabel("rotation", rotation=0, ha="right", va="center")
        for axes in row:
            axes.imshow(np.eye(8), cmap="gray_r")
            axes.set(xticks=[], yticks=[])
    finish(figure)
    draw(figure)
    with narrowed(figure):
        figure.draw_without_rendering()
        drawn = figure.get_tightbbox()
        assert figure.get_figheight() - drawn.height < 0.15
        assert drawn.y0 > 0 and drawn.x1 - drawn.x0 > 0.9 * WIDTH
    assert figure.get_figheight() == 2.55


def test_a_diagram_keeps_its_shape():
    figure, axes = plt.subplots()
    axes.set_axis_off()
    axes.text(0, 0, "a unit")
    assert not has_narrow_form(figure)


def test_a_figure_carries_its_narrow_form_and_what_it_shows():
    figure = lines(2)
    figure.axes[0].set_yticks([2, 4], ["low", "high"])
    svg, things = carried(as_svg(figure))
    assert "metadata" not in svg
    assert 'width="460.8pt"' in svg and 'width="252pt"' in things["narrow"]
    [panel] = things["panels"]
    assert (panel["x"], panel["y"]) == ("rate η", "loss")
    assert panel["words"] == [{}, {"2": "low", "4": "high"}]
    assert [one["label"] for one in panel["series"]] == ["line 0", "line 1"]
    assert panel["series"][1]["y"] == [2.0 * k for k in range(9)]
    wide, narrow = things["boxes"]
    assert wide[0][2] > narrow[0][2] * 0.9 and len(wide) == len(narrow) == 1


def test_panels_and_their_boxes_belong_together():
    figure, axes = plt.subplots(1, 3)
    axes[0].plot([1, 2], [1, 2])
    axes[1].imshow([[1, 2]])
    axes[2].bar([1, 2], [3, 4])
    finish(figure)
    draw(figure)
    panels = series(figure)
    assert len(panels) == len(boxes(figure)) == 2
    assert panels[1]["series"][0]["y"] == [3.0, 4.0]
    left, top, width, height = boxes(figure)[1]
    assert left > 0.5 and 0 < top < 0.5 and left + width <= 1 and top + height <= 1


def test_what_is_dodged_is_drawn_beside_its_place_and_keeps_its_values():
    figure, axes = plt.subplots()
    left = axes.errorbar([1, 2], [3, 4], [0.5, 1], fmt="o-", label="left")
    right = axes.errorbar([1, 2], [3, 4], ([1, 1], [2, 3]), fmt="s-", label="right")
    above = axes.plot([1], [5], "D")
    limits = axes.get_xlim(), axes.get_ylim()
    for drawn, points, axis in ((left, -3, "x"), (right, 3, "x"), (above, 4, "y")):
        dodge(drawn, points, axis)
    finish(figure)
    draw(figure)
    assert (axes.get_xlim(), axes.get_ylim()) == limits
    [panel] = series(figure)
    first, second, third = panel["series"]
    assert first["x"] == second["x"] == [1.0, 2.0] and first["y"] == second["y"] == [3.0, 4.0]
    assert (first["y low"], first["y high"]) == ([2.5, 3.0], [3.5, 5.0])
    assert (second["y low"], second["y high"]) == ([2.0, 3.0], [5.0, 7.0])
    assert [one["aside"] for one in panel["series"]] == [(-3, 0.0), (3, 0.0), (0.0, 4)]
    assert "x low" not in first and "y low" not in third
    figure.dpi = 72
    for artist, (across, up) in (
        (left.lines[0], (-3, 0)), (left.lines[2][0], (-3, 0)), (above[0], (0, 4))
    ):  # fmt: skip
        moved = artist.get_transform().transform((1, 3)) - axes.transData.transform((1, 3))
        assert moved == pytest.approx((across, up))


def test_bands_and_horizontal_intervals_are_data_of_what_they_belong_to():
    figure, panels = plt.subplots(1, 2)
    x = np.arange(4.0)
    for k in range(2):
        (line,) = panels[0].plot(x, x + k, color=COLORS[k])
        ends = {"color": line.get_color(), "alpha": 0.2}
        panels[0].fill_between(x, x + k - 1, x + k + 2, **ends)
    panels[0].plot(x + 0.5, x, color=COLORS[0])
    panels[1].errorbar([2, np.nan, 5], [0, 1, 2], xerr=[[1, 1, 1], [3, 3, np.nan]], fmt="o")
    finish(figure)
    draw(figure)
    left, right = series(figure)
    assert [one.get("y low") for one in left["series"]] == [
        [-1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 2.0, 3.0], None,
    ]  # fmt: skip
    assert left["series"][1]["y high"] == [3.0, 4.0, 5.0, 6.0]
    [marks] = right["series"]
    assert marks["x"] == [2.0, 5.0] and marks["x low"] == [1.0, 4.0]
    assert marks["x high"] == [5.0, None] and "y low" not in marks


def test_the_same_figure_gives_the_same_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert as_svg(lines(5)) == as_svg(lines(5))
    figure = lines(5)
    width = re.compile(r"<svg[^>]*>")
    assert width.search(as_svg(figure))[0] == width.search(as_svg(figure))[0]


def test_an_empty_figure_shows_nothing():
    assert as_svg(plt.figure()) is None


def test_names_in_a_picture_are_given_once():
    pictures = np.arange(6 * 784.0).reshape(6, 784)
    plot_weight_images({"before": pictures, "after": -pictures, "later": pictures})
    for figure in (plt.gcf(), lines(3)):
        svg, things = carried(as_svg(figure))
        for text in (svg, things["narrow"]):
            names = re.findall(r'\bid="([^"]+)"', text)
            assert len(names) > 10
            assert len(set(names)) == len(names)


def test_alone_a_picture_has_colors_in_place_of_variables_and_carries_nothing():
    style = "fill: var(--a, rgb(1, 2, 3)); stroke: var(--b,#fff)"
    assert alone(style) == "fill: rgb(1, 2, 3); stroke: #fff"
    svg = alone(as_svg(lines(2)))
    assert "var(" not in svg
    assert "metadata" not in svg
