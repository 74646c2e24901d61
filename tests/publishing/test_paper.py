"""The book on paper: from a formula to the PDF of a small book."""

import re
import subprocess
import sys

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from nnbook.errors import NNBookError
from nnbook.publishing.paper.mathematics import as_typst

CONF = """
extensions = [
    "myst_parser", "sphinx_external_toc", "sphinx_multitoc_numbering", "sphinx_exercise",
    "sphinxcontrib.bibtex", "sphinx_design", "tests.publishing.small_book",
]
external_toc_path = "_toc.yml"
html_title = "A small book"
author = "Its author"
copyright = "2026"
epub_copyright = "2026 its author. Text: CC BY 4.0."
html_math_renderer = "nnbook"
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = ["works.bib"]
bibtex_reference_style = "author_year"
html_baseurl = "https://example.org/book/"
numfig = True
nnbook_not_printed = ["functions"]
"""
TOC = """
format: jb-book
root: index
parts:
- caption: Before
  numbered: true
  chapters: [{file: first}]
- caption: After
  numbered: true
  chapters: [{file: second}, {file: glossary}, {file: works}, {file: functions}]
"""
PAGES = {
    "index": """
# A small book

What it is about.

```{card} Begin
:link: first
:link-type: doc
Here it starts.
```

```{card} Go on
:link: second
:link-type: doc
There it ends.
```
""",
    "first": """
# The first chapter

A {term}`slope` by {cite:t}`two2001`. See [](second.md), {ref}`there` and {eq}`sum`.

(here)=
## A section

$$ a = |b| $$ (sum)

```{figure} picture.svg
:name: fig-one
:alt: a gray square

The caption.
```

```{exercise} Easy
:label: ex-easy
Do it.
```

```{solution} ex-easy
It is done.
```
""",
    "second": """
# The second chapter

Look at {numref}`fig-one`, {ref}`here` and [](functions.md).

(there)=
## Its section

|  | one |
|:--|--:|
| two | $x^2$ |

```{exercise}
:label: ex-hard
Prove it.
```
""",
    "glossary": "# Glossary\n\n```{glossary}\nslope\n  How steep.\n```\n",
    "works": "# Bibliography\n\n```{bibliography}\n```\n",
    "functions": "# Functions\n\nA long list.\n",
}
WORKS = """
@article{two2001, author={Ada Early and Bea Late}, title={Of slopes}, journal={J}, year={2001}}
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">'
    '<rect width="90" height="90" style="fill: var(--ink, #808080)"/></svg>'
)


def build(folder, **pages):
    (folder / "conf.py").write_text(CONF)
    (folder / "_toc.yml").write_text(TOC)
    (folder / "works.bib").write_text(WORKS)
    (folder / "picture.svg").write_text(PICTURE)
    for name, text in {**PAGES, **pages}.items():
        (folder / f"{name}.md").write_text(text)
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "typst", ".", "out"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(folder):
    reader = PdfReader(folder / "out" / "main.pdf")
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def page_with(pages, text):
    """Return the printed number of the page that a text is on, not counting the contents."""
    (found,) = [number for number, page in enumerate(pages, 1) if text in page and number > 2]
    return found


def test_text_goes_on_beside_a_figure_for_which_the_page_has_no_room(tmp_path):
    words = "\n\n".join(f"Paragraph {n} {'with some words ' * 20}" for n in range(8))
    figure = """
```{figure} tall.svg
:alt: a tall square
Of something tall.
```
"""
    (tmp_path / "tall.svg").write_text(PICTURE.replace('"90"', '"400"'))
    done = build(tmp_path, second=PAGES["second"] + f"\n## Long\n\n{words}\n{figure}\n{words}")
    assert done.returncode == 0, done.stderr
    texts = [page.extract_text() for page in PdfReader(tmp_path / "out" / "main.pdf").pages]
    before = next(text for text in texts if "Paragraph 7 " in text)
    assert "Of something tall." not in before
    assert "Paragraph 0 " in before.partition("Paragraph 7 ")[2]


def test_no_page_ends_with_words_that_lead_on(tmp_path):
    """Neither with a name of what is listed below it nor with a sentence up to its colon."""
    lists = "".join(
        f"\n[](second.md)\n\n- Case {n}.\n\n**Right**\n\n- It is.\n"
        f"\nCase {n} is:\n\n$$ a = {n} $$\n"
        for n in range(99)
    )
    ends = [page[-1] for page in lines_of_pages(tmp_path, f"## Lists\n{lists}", "Case ")]
    assert len(ends) > 5
    assert [end for end in ends if end.endswith((":", ")", "Right"))] == []


def test_no_page_ends_within_a_statement_of_code_or_beside_a_line_alone(tmp_path):
    code = "".join(
        "\nText.\n" * (n % 4)
        + f"\n```python\ndef first_{n}(x):\n    y = called(\n        x,\n        {n},\n    )\n"
        + "    z = y\n" * (n % 3)
        + f"    for k in y:\n        print(k)\n    return last_{n}\n\n\n"
        + f"@measure\ndef second_{n}(x):\n    z = x\n    return z\n\nend_{n} = 1\n```\n"
        for n in range(40)
    )
    pages = lines_of_pages(tmp_path, f"## Code\n{code}", "def ")
    assert len(pages) > 9
    ends = [page[-1].strip() for page in pages]
    assert [end for end in ends if end.endswith((":", "(", ",")) or end.startswith("@")] == []
    assert len([end for end in ends if not end.startswith("end_")]) > 3  # code is broken
    starts = [page[1].strip() for page in pages[1:]]  # behind the head
    assert [start for start in starts if start.startswith((")", "end_", "print"))] == []


def test_long_code_in_a_line_is_broken_and_copied_as_it_is(tmp_path):
    code = 'run(study["base"].vary(a=[300],b=1))'
    text = f"It takes one more call and a few seconds, for instance `{code}`."
    (page,) = lines_of_pages(tmp_path, f"## Code\n{text}\n", "It takes one more call")
    assert (
        next(line for line in page if "for instance" in line)
        .strip()
        .endswith(("(", "[", ".", "=", ","))
    )
    assert f"{code}." in "".join(page)


def test_only_tables_that_are_too_wide_are_set_smaller(tmp_path):
    def table(mark, words):
        head = f"| {mark} |" + f" {words} |" * 7
        return f"\n{head}\n|{'--|' * 8}\n|{' 1 |' * 8}\n"

    text = f"## Tables\n{table('narrow', 'a')}\n\n{table('wide', 'many words')}"
    sizes = {}

    def visitor(text, _, matrix, __, size):
        sizes[text.strip()] = abs(size * matrix[3])

    lines_of_pages(tmp_path, text, "narrow")
    for page in PdfReader(tmp_path / "out" / "main.pdf").pages:
        page.extract_text(visitor_text=visitor)
    assert sizes["narrow"] > 1.1 * sizes["wide"]


def lines_of_pages(folder, text, mark):
    """Return the lines of each page of a book with a text, of those pages that show a mark."""
    done = build(folder, first=f"{PAGES['first']}\n{text}")
    assert done.returncode == 0, done.stderr
    texts = [page.extract_text() for page in PdfReader(folder / "out" / "main.pdf").pages]
    return [text.rstrip().splitlines() for text in texts if mark in text]


def test_the_first_page_says_whose_it_is_and_what_may_be_done_with_it(pages):
    assert "A small book Its author 2026 its author. Text: CC BY 4.0." in pages[0]


def test_numbers_are_those_of_the_web(pages):
    text = " ".join(pages)
    assert "1.1 A section" in text
    assert "2.1 Its section" in text
    assert "Exercise 1.1 (Easy) Do it." in text
    assert "Exercise 2.1 Prove it." in text
    assert "Fig. 1.1 The caption." in text
    assert "Look at Fig. 1.1" in text


def test_what_stands_in_another_chapter_is_named_with_its_page(pages):
    second = page_with(pages, "Prove it.")
    first = page_with(pages, "Do it.")
    text = " ".join(pages)
    assert f"See The second chapter (chapter 2, p. {second}), Its section (p. {second})" in text
    assert f"Look at Fig. 1.1 (p. {first}), A section (p. {first})" in text
    assert f"and (1.1 ) (p. {first})" not in text  # in the same chapter


def test_a_card_has_its_title_its_text_and_where_it_leads(pages):
    place = f"The first chapter (chapter 1, p. {page_with(pages, 'Do it.')})"
    assert f"Begin Here it starts. {place} Go on There it ends." in " ".join(pages)


def test_solutions_stand_at_the_end_and_are_pointed_to(pages):
    solutions = page_with(pages, "It is done.")
    assert "Solutions" in pages[solutions - 1]
    assert solutions > page_with(pages, "Prove it.")
    assert f"Do it. Solution on page {solutions}" in " ".join(pages)


def test_the_bibliography_names_works_as_the_text_does_and_leads_back(pages):
    works = pages[page_with(pages, "Of slopes") - 1]
    assert "Early and Late 2001. Ada Early and Bea Late. Of slopes." in works
    assert f"Cited on page {page_with(pages, 'Do it.')}." in works


def test_an_index_names_the_pages_of_the_terms(pages):
    pages_of_it = f"{page_with(pages, 'Do it.')}, {page_with(pages, 'How steep.')}"
    assert f"Index of terms slope, {pages_of_it}" in pages[-1]


def test_what_is_not_printed_is_named_and_linked_on_the_web(folder, pages):
    text = " ".join(pages)
    assert "and Functions." in text
    assert "A long list" not in text
    reader = PdfReader(folder / "out" / "main.pdf")
    links = [note.get_object().get("/A", {}) for p in reader.pages for note in p.get("/Annots", [])]
    assert "https://example.org/book/functions.html" in [link.get("/URI") for link in links]


def test_it_is_tagged_with_title_language_and_texts_of_pictures(folder):
    reader = PdfReader(folder / "out" / "main.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert reader.metadata.title == "A small book"
    assert reader.metadata.author == "Its author"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    texts = [thing.get("/Alt") for thing in all_objects(reader)]
    assert "a gray square" in texts
    assert "a = ∣b∣" in texts


def all_objects(reader):
    found = (reader.get_object(number) for number in range(1, reader.trailer["/Size"]))
    return [thing for thing in found if isinstance(thing, DictionaryObject)]


def test_colors_of_the_page_are_those_of_paper(folder):
    (picture,) = (folder / "out" / "pictures").iterdir()
    assert "fill: #808080" in picture.read_text()


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("# Two\n\n```{figure} picture.svg\nA caption.\n```\n", "has no alternative text"),
        ("# Two\n\n```{sidebar} Aside\nText.\n```\n", "sidebar is not printed"),
    ],
)
def test_what_cannot_be_printed_as_it_should_stops_the_build(tmp_path, page, complaint):
    done = build(tmp_path, first="# First\n", second=page)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_formulas():
    made = as_typst([r"\frac{1}{2}", r"|x| \ge 10{,}000", "a_1\n% a remark\n+ b"])
    assert list(made.values()) == ["1 / 2", 'lr(|x|) gt.eq upright("10,000")', "a_1 + b"]


def test_a_formula_that_is_none_is_refused():
    with pytest.raises(NNBookError, match="undefined"):
        as_typst([r"\undefined{x}"])
