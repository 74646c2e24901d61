"""Notebooks to take away: the text of a page as plain Markdown, its code as it runs anywhere."""

import ast
import base64
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from nbformat import NotebookNode, v4
from PIL import Image

from nnbook.project import REPOSITORY
from nnbook.publishing.drawing.svg import carry
from nnbook.publishing.explorables.hooks import explorable
from nnbook.publishing.notebooks import cells, pictures
from nnbook.publishing.notebooks.blocks import Blocks
from nnbook.publishing.notebooks.first_cell import first_cell
from nnbook.publishing.notebooks.pages import PageReader
from nnbook.publishing.selfchecks.hooks import self_check, self_check_key

CONF = """
import json, pathlib, types
import nbformat
from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.notebooks import hooks

extensions = ["myst_nb", "sphinx_exercise", "sphinxcontrib.bibtex"]
html_theme = "sphinx_book_theme"
html_theme_options = {"repository_url": "https://github.com/example/nnbook"}
html_baseurl = "https://example.org/book/"
html_title = "A Book"
html_math_renderer = "nnbook"
nb_execution_mode = "off"
numfig = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
bibtex_bibfiles = ["works.bib"]
bibtex_reference_style = "author_year"
nb_render_markdown_format = "myst"

def setup(app):
    formulas.setup(app)
    hooks.setup(app)
    here = pathlib.Path(app.srcdir)
    outputs = types.SimpleNamespace(files=json.loads((here / "read.json").read_text()))
    executed = lambda _: nbformat.read(here / "part" / "page.ipynb", as_version=4)
    cache = types.SimpleNamespace(executed=executed)
    app.nnbook_progress = types.SimpleNamespace(outputs={"part/page": outputs}, cache=cache)
    app.add_config_value("numbered", None, "")
"""
INDEX = """# Index

Nothing.

```{toctree}
:numbered:

part/page
other
```
"""
OTHER = """# Other

(there)=
## A place

```{bibliography}
```
"""
BIB = """@article{polyak1964,
  author = {Polyak, Boris T.}, title = {Some methods}, journal = {Ussr}, year = {1964},
  doi = {10.1/x_y}
}
"""
TEXT = r"""# A Page with $W^l$

A *word*, **bold** and `code`, 2 < 3 and a_b*c for \$5.
See [](#there) and {numref}`fig-one`, {cite:t}`polyak1964` and {eq}`eq-one`.

$$
a &= b \\
  &= \tfrac12
$$ (eq-one)

:::{admonition} What you will learn
- one $|x|$
- two

  $$x$$
:::

| a | $b$ |
|:--|--:|
| `x` | $\|w\| + 1$ |

```{exercise} Why
:label: ex-why
Say **why** $x$.
```
"""
SOLUTION = """````{solution-start} ex-why
````

Because."""
END = """````{solution-end}
````

## End

1. first
2. second

```{figure} still.svg
:name: fig-still
:alt: A [still] picture.
What stands still.
```"""


def code_cell(count: int, source: str, *outputs: NotebookNode, **metadata: object) -> NotebookNode:
    return v4.new_code_cell(
        source, execution_count=count, outputs=list(outputs), metadata=dict(metadata)
    )


def shown(**data: str) -> NotebookNode:
    names = {"svg": "image/svg+xml", "md": "text/markdown", "plain": "text/plain"}
    return v4.new_output("display_data", {names[kind]: text for kind, text in data.items()})


FIGURE = {
    "mystnb": {
        "figure": {"caption": "What $a$ does.", "name": "fig-one"},
        "image": {"alt": "A line."},
    }
}
SVG = carry(
    '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="15pt" viewBox="0 0 30 15">'
    '<path d="M0 5h30v5H0z" style="fill: var(--c0, #1B6CA8)"/></svg>',
    of=1,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book of two pages, of which one has code."""
    folder = tmp_path_factory.mktemp("book")
    page = v4.new_notebook(
        cells=[
            v4.new_markdown_cell(TEXT),
            code_cell(1, "from myst_nb import glue\na = 1", tags=["hide-input"]),
            code_cell(2, "plot(a)", shown(svg=SVG, plain="<Figure>"), **FIGURE),
            code_cell(3, "hidden = 2", tags=["remove-cell"]),
            v4.new_markdown_cell(SOLUTION),
            code_cell(4, "print('solved')", v4.new_output("stream", text="solved\n")),
            code_cell(5, "assert solved", tags=["remove-cell"]),
            v4.new_markdown_cell(END),
            code_cell(6, "glue('x', a)\nassert a"),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python", "pygments_lexer": "python"},
        },
    )
    (folder / "part").mkdir()
    files = {"conf.py": CONF, "index.md": INDEX, "other.md": OTHER, "works.bib": BIB}
    files["part/still.svg"] = SVG
    files["part/page.ipynb"] = nbformat.writes(page)
    record = next((REPOSITORY / "data/results/objects").rglob("*.json"))
    read = ["data/eckerle4.csv", "nnbook/errors.py", "README.md", "absent.txt"]
    files["read.json"] = json.dumps([*read, record.relative_to(REPOSITORY).as_posix()])
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", ".", "html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def notebook(site: Path, ending: str = "") -> NotebookNode:
    found: NotebookNode = nbformat.read(site / f"_notebooks/part/page{ending}.ipynb", as_version=4)
    nbformat.validate(found)
    return found


def text_of(found: NotebookNode) -> str:
    return "\n\n".join(c.source for c in found.cells if c.cell_type == "markdown")


def test_sentences_are_plain_markdown(site: Path) -> None:
    text = text_of(notebook(site))
    assert "# 1 A Page with $W^l$" in text
    assert "From [*A Book*](https://example.org/book/part/page.html)." in text
    assert r"A *word*, **bold** and `code`, 2 \< 3 and a\_b\*c for \$5." in text
    assert "See [A place](https://example.org/book/other.html#there) and Fig. 1.1" in text
    assert "Polyak [1964]" in text or "Polyak (1964)" in text
    assert "(1.1)" in text or "(1)" in text
    assert not re.search(r"\{\w+\}`|^:::|^```\{", text, re.M)


def test_formulas_stand_on_one_line_with_their_numbers(site: Path) -> None:
    text = text_of(notebook(site))
    (equation,) = [line for line in text.splitlines() if r"\tag" in line]
    assert equation.startswith(r"$$ \begin{split}a &= b \\ &= \tfrac12\end{split} \tag{1")
    assert r"| `x` | $\vert w\vert + 1$ |" in text
    assert "> - one $|x|$" in text and ">   $$ x $$" in text


def test_boxes_are_quotes_with_a_title(site: Path) -> None:
    text = text_of(notebook(site))
    assert "> **What you will learn**\n>\n> - one" in text
    assert re.search(r"> \*\*Exercise 1(\.1)? \(Why\)\*\*\n>\n> Say \*\*why\*\* \$x\$\.", text)


def test_works_that_are_cited_are_listed_at_the_end(site: Path) -> None:
    last = notebook(site).cells[-1].source
    heading, *works = last.split("\n- ")
    assert heading.strip() == "## References"
    (work,) = works
    assert work.startswith("Boris T. Polyak") and "*Ussr*" in work and "1964" in work


def test_figures_have_caption_and_alternative_text(site: Path) -> None:
    found = notebook(site)
    place = next(n for n, c in enumerate(found.cells) if c.source == "plot(a)")
    (output,) = found.cells[place].outputs
    assert output.metadata["image/png"] == {"alt": "A line.", "width": 40, "height": 20}
    assert list(output.data) == ["image/png", "text/plain"]
    with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
        assert picture.size == (60, 30)
        assert picture.convert("RGB").getpixel((30, 15)) == (27, 108, 168)
        assert picture.convert("RGB").getpixel((30, 1)) == (255, 255, 255), "legible in the dark"
    assert re.match(r"\*\*Fig. 1(\.1)?\.\*\* What \$a\$ does\.", found.cells[place + 1].source)


def test_pictures_in_the_text_come_along(site: Path) -> None:
    (cell,) = [cell for cell in notebook(site).cells if cell.get("attachments")]
    assert r"![A [still\] picture.](attachment:still.svg)" in cell.source
    assert re.search(r"\*\*Fig. 1(\.2)?\.\*\* What stands still\.", cell.source)
    content = base64.b64decode(cell.attachments["still.svg"]["image/png"])
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (60, 30)


def blocks() -> Blocks:
    """Return what shows blocks of a page of a book without other pages."""
    config = SimpleNamespace(html_baseurl="https://example.org", root_doc="index")
    env = SimpleNamespace(domaindata={})
    builder: Any = SimpleNamespace(
        config=config, env=env, get_target_uri=lambda page: f"{page}.html"
    )
    return Blocks(builder, "part/page")


def test_an_explorable_is_a_picture_that_leads_to_the_web() -> None:
    box = explorable("", nodes.paragraph("", "a picture"), explorable="descent")
    moving = "[On the web this figure is interactive.](https://example.org/part/page.html#descent)"
    assert blocks().block(box) == f"a picture\n\n{moving}"


def test_a_self_check_has_its_answer_at_the_end() -> None:
    key = self_check_key("", nodes.paragraph("", "Right: b."))
    title, question = nodes.paragraph("", "Self-check 1"), nodes.paragraph("", "Why?")
    tree = nodes.document(None, None)  # type: ignore[arg-type]
    tree += [self_check("", title, question, key), nodes.paragraph("", "Text.")]
    builder = blocks().builder
    pieces = PageReader(builder, "part/page", tree).pieces
    assert [piece.in_solution for piece in pieces] == [False, True]
    assert pieces[0].text == "> Self-check 1\n>\n> Why?\n\nText."
    assert pieces[1].text == "## Answers to the self-checks\n\nSelf-check 1\n\nRight: b."


def test_the_title_of_a_card_stands_out() -> None:
    title = nodes.container("", nodes.paragraph("", "Title"), classes=["sd-card-title"])
    card = nodes.container("", title, nodes.paragraph("", "Text."), classes=["sd-card"])
    assert blocks().block(card) == "**Title**\n\nText."


def test_code_is_all_there_and_fills_in_nothing(site: Path) -> None:
    found = notebook(site)
    code = [c.source for c in found.cells if c.cell_type == "code"][1:]
    kept = ["a = 1", "plot(a)", "hidden = 2", "print('solved')", "assert solved", "assert a"]
    assert code == kept
    folded = [c.source for c in found.cells if c.metadata.get("jupyter")]
    assert folded == ["a = 1", "hidden = 2", "assert solved", "assert a"]


def test_the_notebook_without_solutions_has_none(site: Path) -> None:
    with_them, without = notebook(site), notebook(site, "-without-solutions")
    gone = [c for c in with_them.cells if c.id not in {other.id for other in without.cells}]
    assert "Solution to" in text_of(with_them) and "Because." in text_of(with_them)
    assert "Solution to" not in text_of(without) and "Because." not in text_of(without)
    assert "## End" in text_of(without).replace("1.1 ", "").replace("1.2 ", "")
    assert {"print('solved')", "assert solved"} <= {c.source for c in gone}
    assert "hidden = 2" in {c.source for c in without.cells}


def test_the_first_cell_installs_and_gets_the_records(site: Path) -> None:
    first = notebook(site).cells[0].source
    assert '%pip install --quiet "nnbook @ https://github.com/example/nnbook/archive/' in first
    assert "https://example.org/book/_notebooks/part/page-records.tar.gz" in first
    with tarfile.open(site / "_notebooks/part/page-records.tar.gz") as archive:
        names = archive.getnames()
    assert names[0] == "README.md" and len(names) == 2
    assert names[1].startswith("nnbook-results/objects/")


def test_pages_with_code_offer_their_notebooks(site: Path) -> None:
    page = (site / "part/page.html").read_text(encoding="utf-8")
    links = BeautifulSoup(page, "html.parser").select("a[href*=_notebooks]")
    assert [link.get_text(strip=True) for link in links] == [
        "Notebook",
        "Notebook without solutions",
        "Recorded runs for the notebook",
    ]
    assert all((site / "part" / str(link["href"])).is_file() for link in links)
    assert "_notebooks" not in (site / "other.html").read_text(encoding="utf-8")
    assert sorted(p.name for p in (site / "_notebooks").iterdir()) == ["part"]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("for x in y:\n    glue('x', x)\nz = 1", "z = 1"),
        ("for x in y:\n    for z in x:\n        glue('z', z)\na", "a"),
        ("for x in y:\n    z = x\n    glue('z', z)", "for x in y:\n    z = x"),
        ("glue(\n    'a',\n    1,\n)\nx = 1", "x = 1"),
        ("glue('x', 1)", ""),
        ("%matplotlib inline\nx", "%matplotlib inline\nx"),
        ('Path("../../examples/lab4")', 'Path("examples/lab4")'),
    ],
)
def test_code_runs_anywhere(source: str, kept: str) -> None:
    assert cells.code(source) == kept


def test_figures_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[str]] = []

    def draw(figures: list[str]) -> list[str]:
        drawn.append(figures)
        return [f"drawn {figure}" for figure in figures]

    monkeypatch.setattr(pictures, "_drawn", draw)
    memory = tmp_path / "part" / "page.json"
    assert pictures.as_png(["a", "b", "a"], memory) == {"a": "drawn a", "b": "drawn b"}
    assert pictures.as_png(["b", "c"], memory) == {"b": "drawn b", "c": "drawn c"}
    pictures.as_png(["a"], memory)
    assert drawn == [["a", "b"], ["c"], ["a"]], "what the page no longer shows is not kept"


def test_outputs_have_forms_that_all_frontends_show() -> None:
    math = {"text/html": r"<td>\(a\)</td>", "text/latex": "$$a$$", "text/plain": "a"}
    frame = {"text/html": "<table></table>", "text/plain": "a"}
    glued = {"application/papermill.record/text/plain": "1"}
    cell = code_cell(1, "x", *(v4.new_output("display_data", d) for d in (math, frame, glued)))
    forms = [list(output.data) for output in cells.outputs(cell, [], {})]
    assert forms == [["text/latex", "text/plain"], ["text/html", "text/plain"]]


def test_a_first_cell_without_records_or_addresses() -> None:
    bare = first_cell("nnbook", "", "", "", "")
    assert "get_records" not in bare and '%pip install --quiet "nnbook"' in bare
    ast.parse(bare.replace("%pip", "pip = 1 #"))
    lab = first_cell("https://example.org/a.zip", "lab", "a.tar.gz", "", "00")
    assert '"nnbook[lab] @ https://example.org/a.zip"' in lab
