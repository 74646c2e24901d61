"""What processes find out about the pages that they resolve and write comes back."""

import json
import re

import pytest

from tests.publishing.small_book import CONF, build

PAGES = "abcdefgh"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return a built book whose pages have each a word, a picture and a letter of their own."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "conf.py").write_text(CONF)
    toctree = "\n".join(["```{toctree}", *PAGES, "```"])
    (folder / "index.md").write_text(f"# Title\n\n{toctree}\n")
    for name in PAGES:
        (folder / f"{name}.svg").write_text(PICTURE)
        text = f"# Page {name}\n\nword{name}\n\n$\\mathfrak{{{name}}}$\n\n![one]({name}.svg)\n"
        (folder / f"{name}.md").write_text(text)
    built = build(folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_what_search_finds_on_every_page_comes_back(book):
    script = (book / "html" / "_static" / "search.js").read_text()
    index = json.loads(re.search(r"nnbookSearch\.fill\((\{.*\})\)", script)[1])
    words = " ".join(str(place) for place in index["places"])
    assert [name for name in PAGES if f"word{name}" not in words] == []


def test_formulas_of_every_page_are_kept_and_their_letters_styled(book):
    made = json.loads((book / "html" / ".doctrees" / "formulas.json").read_text())["made"]
    assert [name for name in PAGES if f"inline \\mathfrak{{{name}}}" not in made] == []
    fonts = [path.name for path in (book / "html" / "_static" / "fonts").iterdir()]
    assert any(name.startswith("KaTeX_Fraktur") for name in fonts)


def test_pictures_of_every_page_are_copied(book):
    copied = {path.name for path in (book / "html" / "_images").iterdir()}
    assert copied == {f"{name}.svg" for name in PAGES}


def test_a_warning_about_a_page_fails_the_build_and_names_the_page(book):
    page = book / "d.md"
    before = page.read_text()
    page.write_text(f"{before}\n{{ref}}`nowhere`\n")
    try:
        built = build(book, "-a")
    finally:
        page.write_text(before)
    assert built.returncode == 1
    assert re.search(r"d\.md:\d+: WARNING: undefined label: 'nowhere'", built.stderr)


def test_an_error_in_a_process_is_an_error_of_the_build(book):
    fail = (
        "def fail(app, tree, name):\n"
        "    if name == 'd':\n"
        "        raise OnlyHere('no such', 'letter')\n\n"
        "class OnlyHere(Exception):\n"
        "    def __init__(self, one, two):\n"
        "        super().__init__(f'{one} {two}')\n\n"
        "def setup(app):\n"
        "    app.connect('doctree-resolved', fail)\n"
    )
    (book / "conf.py").write_text(f"{CONF}\n{fail}")
    built = build(book, "-a")
    assert built.returncode == 2
    assert "d: Handler" in built.stderr
    assert "no such letter" in built.stderr
