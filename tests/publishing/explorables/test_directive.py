"""A page that declares an explorable: on the web a box, on paper and in an e-book its figure."""

import json
import subprocess
import sys
import zipfile

import pytest
from bs4 import BeautifulSoup

from nnbook.publishing.explorables import hooks
from tests.publishing.explorables.test_scripts import FIRST
from tests.publishing.test_paper import CONF as PAPER

CONF = PAPER.replace('"tests.publishing.small_book"', '"tests.publishing.small_book", "alone"')
TOC = "format: jb-book\nroot: index\nchapters: [{file: part/page}]\n"
EXTENSION = "from nnbook.publishing.explorables.hooks import setup\n"
PAGE = f"""
# A page

See {{numref}}`fig-step`.

````{{explorable}} one-step
---
name: fig-step
alt: a drawn network
caption: The step of $\\eta$. It can be taken.
heights: 50rem 90rem
---
{FIRST.strip()}
- name: "A <longer> step"
  eta: 1/5
````
"""


def build(folder, builder, page=PAGE):
    start = f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    (folder / "alone.py").write_text(EXTENSION)
    (folder / "conf.py").write_text(start + CONF + 'html_theme = "basic"\n')
    (folder / "_toc.yml").write_text(TOC)
    (folder / "works.bib").write_text("")
    (folder / "index.md").write_text("# The book\n\nIts text.\n")
    (folder / "part").mkdir(exist_ok=True)
    (folder / "part" / "page.md").write_text(page)
    target = f"{builder}-out/{builder}"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder]
    return subprocess.run(
        [*command, "-d", "kept/doctrees", ".", target],
        cwd=folder, capture_output=True, text=True, check=False,
    ), folder / target  # fmt: skip


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    done, target = build(tmp_path_factory.mktemp("html"), "html")
    assert done.returncode == 0, done.stderr
    return target


def test_the_web_gets_a_box_with_a_figure(html):
    page = BeautifulSoup((html / "part" / "page.html").read_text(), "html.parser")
    figure = page.find("figure", id="fig-step")
    box = figure.find("div", id="one-step")
    assert box["data-explorable"] == "one-step"
    assert box["data-title"] == "The step of η"
    assert box["style"] == "--nnx-wide:50rem;--nnx-narrow:90rem"
    presets = json.loads(box["data-presets"])
    assert [preset["name"] for preset in presets] == ["First", "A <longer> step"]
    assert presets[1]["state"] == {"eta": "1/5"}
    assert box.img["alt"] == "a drawn network"
    assert (html / "part" / box.img["src"]).resolve().is_file()
    assert "interactive" in box.noscript.get_text()
    assert figure.figcaption.get_text().strip().startswith("Fig. 1")
    assert "on the web" not in figure.get_text()


def test_the_files_are_where_the_box_says(html):
    page = BeautifulSoup((html / "part" / "page.html").read_text(), "html.parser")
    style, shared, own = page.find(id="one-step")["data-files"].split()
    for address in (style, shared, own):
        path, _, version = address.partition("?v=")
        assert (html / "part" / path).resolve().is_file()
        assert len(version) == 8
    assert "--nnx-c0:" in (html / "part" / style.partition("?")[0]).read_text()
    scripts = [script.get("src", "") for script in page.find_all("script")]
    assert any("explorables-loader.js" in address for address in scripts)
    assert not [address for address in scripts if "explorables/" in address]


def test_paper_has_the_figure_and_says_that_there_is_more(tmp_path):
    done, target = build(tmp_path, "typst")
    assert done.returncode == 0, done.stderr
    code = (target / "main.typ").read_text()
    assert "a drawn network" in code
    assert hooks._ELSEWHERE.strip() in code.replace("\\", "")
    assert "First" not in code


def test_an_e_book_has_the_figure_and_says_that_there_is_more(tmp_path):
    done, target = build(tmp_path, "epub")
    assert done.returncode == 0, done.stderr
    (book,) = target.glob("*.epub")
    text = zipfile.ZipFile(book).read("part/page.xhtml").decode()
    page = BeautifulSoup(text, "html.parser")
    assert page.find("img")["alt"] == "a drawn network"
    assert hooks._ELSEWHERE.strip() in page.get_text()
    assert "data-explorable" not in text


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("eta: 1/5", "eta: 5", "only numbers from 0 to 0.5"),
        ("{explorable} one-step", "{explorable} one-stop", "expected one of"),
        ("alt: a drawn network\n", "", "expected alt"),
        ("  at: 18\n", "", "the first preset sets all"),
    ],
)
def test_what_cannot_be_shown_fails_the_build(tmp_path, right, wrong, problem):
    assert right in PAGE
    done, _ = build(tmp_path, "html", PAGE.replace(right, wrong))
    assert done.returncode != 0
    assert problem in done.stderr.replace("\n", " ")
