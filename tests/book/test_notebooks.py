"""Notebooks to take away: those of the built book."""

import ast
import hashlib
import html
import re
import tarfile

import nbformat
import pytest

from nnbook.publishing.notebooks.hooks import FOLDER, NOTEBOOK, RECORDS, WITHOUT_SOLUTIONS
from nnbook.publishing.notebooks.texts import formula
from tests.book.conftest import HTML, parsed

NAMES = sorted(
    path.relative_to(HTML / FOLDER).as_posix().removesuffix(NOTEBOOK)
    for path in (HTML / FOLDER).rglob(f"*{NOTEBOOK}")
    if not path.name.endswith(WITHOUT_SOLUTIONS)
)
DIRECTIVES = re.compile(r"\{[\w:-]+\}`|^\s*(?:>\s*)*(?:`{3,}|:{3,})\{", re.M)
CODE = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)$|(?P<ticks>`+).+?(?P=ticks)", re.M | re.S)
SOLUTION = re.compile(r"^\*\*Solution to ", re.M)


def read(name, ending):
    found = nbformat.read(HTML / FOLDER / f"{name}{ending}", as_version=4)
    nbformat.validate(found)
    return found


def texts(found):
    return "\n\n".join(cell.source for cell in found.cells if cell.cell_type == "markdown")


def shown(found):
    """Return all that a notebook says: its text, and what its cells show."""
    outputs = [o for cell in found.cells for o in cell.get("outputs", []) if "data" in o]
    kinds = ("text/markdown", "text/latex", "text/html")
    said = (o.data[kind] for o in outputs for kind in kinds if kind in o.data)
    return html.unescape("\n".join([texts(found), *said]))


def bare(tex):
    """Return a formula without what depends on where it stands."""
    tex = re.sub(r"\\(begin|end)\{\w+\*?\}(\{\d\})?", "", tex)
    return re.sub(r"\s+|\\\|", "", re.sub(r"\\[vV]ert\b|\|", "", tex))


def test_every_page_that_was_executed_has_a_notebook():
    pages = {path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html")}
    with_code = {
        name.removesuffix(".html")
        for name in pages
        if not name.startswith("_") and parsed(HTML / name)[0].select("div.cell, .nnb-checks")
    }
    assert len(NAMES) > 30 and with_code <= set(NAMES)


@pytest.mark.parametrize("ending", [NOTEBOOK, WITHOUT_SOLUTIONS])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_plain_and_stands_alone(name, ending):
    if not (HTML / FOLDER / f"{name}{ending}").is_file():
        assert not SOLUTION.search(texts(read(name, NOTEBOOK)))
        return
    found = read(name, ending)
    prose = CODE.sub("", texts(found))
    assert not DIRECTIVES.search(prose) and "%s" not in prose
    code = "\n".join(cell.source for cell in found.cells[1:] if cell.cell_type == "code")
    assert "../" not in prose + code
    assert not re.search(r"\bglue\b|myst_nb", code)
    for cell in found.cells[1:]:
        if cell.cell_type == "code" and not cell.source.startswith("%"):
            ast.parse(cell.source)
    assert len({cell.id for cell in found.cells}) == len(found.cells)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_its_outputs(name):
    found = read(name, NOTEBOOK)
    pictures = [
        output
        for cell in found.cells
        for output in cell.get("outputs", [])
        if {"image/svg+xml", "image/png"} & output.get("data", {}).keys()
    ]
    page = parsed(HTML / f"{name}.html")[0]
    drawn = [image for image in page.select("article div.cell img") if "nnb-phone" not in image]
    assert bool(pictures) == bool(drawn)
    for output in pictures:
        assert any(of_kind.get("alt") for of_kind in output.metadata.values())
    captions = page.select("article div.cell figcaption .caption-number")
    for caption in captions:
        assert f"**{caption.get_text(strip=True)}.**" in texts(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_every_formula_of_its_page(name):
    article = parsed(HTML / f"{name}.html")[0].select_one("article")
    # What moves on the web is a table of one setting.
    formulas = [one for one in article.select("[data-tex]") if not one.find_parent(class_="nnx")]
    wanted = {bare(formula(one["data-tex"])) for one in formulas}
    there = bare(shown(read(name, NOTEBOOK)))
    assert [tex for tex in sorted(wanted) if tex not in there] == []


@pytest.mark.parametrize("name", NAMES)
def test_solutions_are_in_one_notebook_only(name):
    has = bool(parsed(HTML / f"{name}.html")[0].select(".solution"))
    assert has == (HTML / FOLDER / f"{name}{WITHOUT_SOLUTIONS}").is_file()
    if has:
        with_them, without = (texts(read(name, e)) for e in (NOTEBOOK, WITHOUT_SOLUTIONS))
        count = len(SOLUTION.findall(with_them))
        assert count == len(parsed(HTML / f"{name}.html")[0].select(".solution"))
        assert not SOLUTION.search(without) and len(without) < len(with_them)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_cell_knows_the_records(name):
    first = read(name, NOTEBOOK).cells[0].source
    archive = HTML / FOLDER / f"{name}{RECORDS}"
    assert "%pip install" in first
    assert ("get_records(" in first) == archive.is_file()
    if archive.is_file():
        assert hashlib.sha256(archive.read_bytes()).hexdigest() in first
        assert archive.stat().st_size < 6_000_000
        with tarfile.open(archive) as content:
            assert all(".." not in member.name for member in content)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_offers_its_notebooks(name):
    page = parsed(HTML / f"{name}.html")[0]
    links = page.select(f".dropdown-download-buttons a[href*={FOLDER}]")
    offered = {(HTML / name).parent.joinpath(link["href"]).resolve() for link in links}
    there = {HTML / FOLDER / f"{name}{e}" for e in (NOTEBOOK, WITHOUT_SOLUTIONS, RECORDS)}
    assert offered == {path.resolve() for path in there if path.is_file()}
    assert all(link.has_attr("download") for link in links)


def test_the_site_has_no_other_notebooks():
    found = {path.relative_to(HTML).parts[0] for path in HTML.rglob("*.ipynb")}
    assert found == {FOLDER}
