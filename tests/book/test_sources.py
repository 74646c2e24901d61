"""What a chapter must be, checked on its source."""

import re

import pytest
import yaml

from nnbook.project import REPOSITORY

CHAPTERS = sorted((REPOSITORY / "book").rglob("*.md"))
NOTEBOOKS = [path for path in CHAPTERS if "{code-cell}" in path.read_text()]
CELL = re.compile(r"^(?P<fence>`{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)$", re.M | re.S)


def name(path):
    return path.relative_to(REPOSITORY / "book").as_posix()


def cells(path):
    """Yield the metadata and the code of each cell."""
    for match in CELL.finditer(path.read_text()):
        body = match["body"]
        metadata = {}
        if body.startswith("---\n"):
            header, body = body.removeprefix("---\n").split("---\n", 1)
            metadata = yaml.safe_load(header)
        else:
            options = re.match(r"(:[\w-]+:.*\n)*", body).group()
            metadata = yaml.safe_load(re.sub(r"(?m)^:", "", options)) or {}
            body = body.removeprefix(options)
        yield metadata, body


FENCE = re.compile(r"(?P<marks>`{3,}|:{3,})(?P<kind>\{[\w:-]+\}|\w*)")
CODE = {"{code-cell}", "{math}", "{literalinclude}", "{eval-rst}"}


def prose(path):
    """Return the text of a chapter without front matter, code, mathematics and links."""
    lines, code = [], None  # the marks that end the code block we are in
    for line in re.sub(r"\A---\n.*?\n---\n", "", path.read_text(), flags=re.S).splitlines():
        fence = FENCE.match(line)
        if code:
            code = None if line == code else code
        elif fence and (fence["kind"] in CODE or fence["kind"].isalpha()):
            code = fence["marks"]
        elif not fence and not re.match(r":\w+:|\(.*\)=$", line):
            lines.append(line)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", "", "\n".join(lines), flags=re.S)
    return re.sub(r"\{[\w:-]+\}`[^`\n]*`|`[^`\n]*`|\]\([^)\n]*\)|<[^>\n]*>", "", text)


def test_the_patterns_find_what_they_look_for(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "Prose 0.123 and `0.456` $0.789$\n```{code-cell} ipython3\n:tags: [a]\nx\n```\n"
        "````{solution-start} a\n:class: b\n````\n0.321\n```python\n0.654\n```\n"
        "````{solution-end}\n````\n:::{note} 0.987\n0.135\n:::\n"
    )
    assert re.findall(r"\d\.\d+", prose(page)) == ["0.123", "0.321", "0.135"]
    assert list(cells(page)) == [({"tags": ["a"]}, "x\n")]


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_no_measured_number_is_typed_in_prose(path):
    assert re.findall(r"(?<![\w./-])\d+\.\d{3,}(?![\w.])", prose(path)) == []


POWER = re.compile(  # an upper number behind an index or a prime, where no layer can stand
    r"(?<![A-Za-z\\_}])(?:[Wbzaf]|\\delta)(?:'|_\w|_\{[^{}]*\})\^\{?\d"
    r"|\\langle *\\delta\^\{?\d|\b1 - a\^\{?2"
)


def test_a_power_without_brackets_is_found():
    assert POWER.findall(r"$z_k^2$, $f'^2$, $b_{12}^{2}$, $\langle \delta^2$, $1 - a^2$") == [
        *("z_k^2", "f'^2", "b_{12}^{2", r"\langle \delta^2", "1 - a^2")
    ]
    assert not POWER.search(r"$(z_k)^2$, $W^2_{1j}$, $\delta^2$, $\sigma_b^2$, $(a)^2$")


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_powers_of_the_letters_of_a_network_stand_in_brackets(path):
    """So that an upper number is a layer wherever it stands (page *Notation*)."""
    assert POWER.findall(path.read_text()) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_every_page_is_in_the_table_of_contents(path):
    toc = (REPOSITORY / "_toc.yml").read_text()
    assert re.search(rf"(file|root): {name(path).removesuffix('.md')}$", toc, flags=re.M)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_cells_are_short(path):
    long = [code for _, code in cells(path) if len(code.strip().splitlines()) > 15]
    assert long == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_figures_have_caption_alternative_text_and_a_reference(path):
    text = path.read_text()
    for metadata, _ in cells(path):
        options = metadata.get("mystnb", {})
        if "figure" in options:
            figure = options["figure"]
            assert len(figure["caption"].split()) > 5, figure
            assert len(options["image"]["alt"].split()) > 5, figure
            assert f"`{figure['name']}`" in text, f"{figure['name']} is not referred to"


BANDS = re.compile(
    r"\b(?:fill_between|errorbar|plot_(?:factor|learning_curves|ratios|differences))\("
)
MEANING = re.compile(
    r"\b(?:intervals?|range|lowest|quartiles?|percentile|standard (?:deviation|error)|half)\b"
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_the_caption_of_a_band_or_a_bar_says_what_it_is(path):
    for metadata, code in cells(path):
        figure = metadata.get("mystnb", {}).get("figure")
        if figure and BANDS.search(code):
            assert MEANING.search(figure["caption"]), figure


MISBELIEF = re.compile(r'^(\**)["\u201c].*["\u201d]\1$', re.M)


def test_misbeliefs_are_set_alike():
    """What intuition says stands in bold, on a line of its own."""
    marks = {name(path): set(MISBELIEF.findall(path.read_text())) for path in CHAPTERS}
    assert sum(map(bool, marks.values())) > 25
    assert {page for page, own in marks.items() if own - {"**"}} == set()


def is_chapter(path):
    return path.parent.name != "reference" and path.name != "index.md"


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if is_chapter(p)], ids=name)
def test_prose_is_at_least_as_long_as_code(path):
    code = sum(len(code.split()) for _, code in cells(path))
    assert len(prose(path).split()) >= code
    assert re.search(r"^## Summary$", path.read_text(), flags=re.M)
    assert path.read_text().count("{exercise}") >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_code_is_no_wider_than_the_page(path):
    wide = [line for _, code in cells(path) for line in code.splitlines() if len(line) > 84]
    assert wide == []


EXPLORABLE = re.compile(
    r"^(`{3,})\{explorable\}.*?\n---\n(?P<options>.*?)\n---\n(?P<presets>.*?)^\1$", re.M | re.S
)


def explorables():
    """Yield the page, the names of the presets and the prose of the section of each explorable."""
    for path in CHAPTERS:
        text = path.read_text()
        for match in EXPLORABLE.finditer(text):
            before = re.split(r"^#+ .*$", text[: match.start()], flags=re.M)[-1]
            after = re.split(r"^#+ .*$", text[match.end() :], flags=re.M)[0]
            presets = yaml.safe_load(match["presets"])
            yield name(path), [preset["name"] for preset in presets], before + after


def test_the_text_around_an_explorable_names_its_few_presets():
    found = list(explorables())
    assert len(found) == sum(p.read_text().count("{explorable}") for p in CHAPTERS) > 0
    for page, presets, text in found:
        assert len(presets) <= 5, page
        assert [preset for preset in presets if f"*{preset}*" not in text] == [], page


PLACE = re.compile(
    r"\((?:left|middle|right)\)|, (?:left|right)\)|, (?:left|right) (?:for|from|against|of|with)\b"
    r"|\bleft and (?:\w+ )?right\b|\b(?:Left|Middle|Right)(?:[,:]| and )|\b[Bb]eside it\b"
    r"|\b(?:left|middle|right|lower|upper) (?:panel|row|column|matrix|picture)s?\b"
    r"|\b[Oo]n the (?:left|right)\b(?! (?:flank|side))"
)
SIDE_BY_SIDE = re.compile(r"\.subplots\(\s*\d+, ([2-9]|\d\d)\b")


def test_the_place_of_a_panel_is_found():
    for text in (
        "Loss (left) and accuracy", "Left, the loss falls.", "Right: test error", "the right panel",
        "On the right of {numref}`a`", "two panels, left for 10 images", "({numref}`a`, right)",
        "ReLU left and tanh right", "The lower row enlarges", "Beside it, a plane",
    ):  # fmt: skip
        assert PLACE.search(text), text
    for text in (
        "a shift to the right", "Left of the minimum", "from left to right", "the right gradient",
        "All rise on the right flank", "the sign is left", "the upper ones",
    ):  # fmt: skip
        assert not PLACE.search(text), text


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_panels_are_called_by_what_they_show(path):
    """A phone shows them below each other, and a listener hears no place."""
    texts, several = [], []
    for metadata, code in cells(path):
        options = metadata.get("mystnb", {})
        if "figure" in options and SIDE_BY_SIDE.search(code):
            several.append(options["figure"]["name"])
            texts += [options["figure"]["caption"], options["image"]["alt"]]
    for match in EXPLORABLE.finditer(path.read_text()):
        options = yaml.safe_load(match["options"])
        several.append(options["name"])
        texts += [options["caption"], options["alt"]]
    paragraphs = re.split(r"\n\s*\n", re.sub(CELL, "", path.read_text()))
    texts += [p for p in paragraphs if any(f"{{numref}}`{one}`" in p for one in several)]
    found = [
        (match.group(), text) for text in texts for match in PLACE.finditer(" ".join(text.split()))
    ]
    assert found == []


ERRATA = sorted((REPOSITORY / "book/reference/errata").glob("*.md"))


@pytest.mark.parametrize("path", ERRATA, ids=name)
def test_each_erratum_stands_below_its_page(path):
    before, *pages = re.split(r"(?m)^\[\]\((\S+\.md)\)$", path.read_text())
    assert pages, "no page has errata here"
    assert not re.search(r"(?m)^- ", before), "an entry stands above the first page"
    for page, entries in zip(pages[::2], pages[1::2], strict=True):
        where = (path.parent / page).resolve()
        assert where.is_file(), f"no such page: {page}"
        assert path.stem in (where.parent.name, "reference"), f"{page} is of another part"
        assert re.search(r"(?m)^- ", entries), f"no entry below {page}"
