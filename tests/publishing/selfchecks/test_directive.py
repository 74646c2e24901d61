"""A page with self-checks: on the web, on paper, in an e-book; and what stops the build."""

import json
import re
import subprocess
import sys
import zipfile

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tests.publishing.test_paper import CONF as PAPER

CONF = PAPER.replace('"tests.publishing.small_book"', '"tests.publishing.small_book", "alone"')
CONF += 'html_theme = "basic"\nepub_identifier = "x"\n'
EXTENSION = "from nnbook.publishing.selfchecks.hooks import setup\n"
TOC = "format: jb-book\nroot: index\nchapters: [{file: part/page}, {file: part/all}]\n"
PAGE = """
# A page

## A section

```{self-check} One of Peano's three
:holds: 1 + 1 == 2

How much is $1 + 1$?

- [ ] One.

  That is a *single* one.
- [x] Two.

  So it is.
- [ ] Three

  Too many.
```

```{self-check} Two of three
Which are even?

- [x] 2

  Yes.
- [x] 4

  Yes.
- [ ] 5

  Odd.
```

```{self-check} A quarter
:kind: numeric
:answer: Fraction(1, 4)
:unit: m

How much is a half of a half?

- `0.5` Only once.

Half of $0.5$.
```

```{self-check} In order
:kind: order

Count.

1. one
2. two
3. three

As always.
```

```{self-check} A line
:kind: error

A proof.

1. $1 = 1$

   True.
2. [!] `1 = 2`

   False.
```
"""
ALL = "# All\n\n```{self-checks} answered\n```\n\n```{self-checks} teaching\n```\n"


def build(folder, builder, page=PAGE):
    start = f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    (folder / "alone.py").write_text(EXTENSION)
    (folder / "conf.py").write_text(start + CONF)
    (folder / "_toc.yml").write_text(TOC)
    (folder / "works.bib").write_text("")
    (folder / "index.md").write_text("# The book\n\nIts text.\n")
    (folder / "part").mkdir(exist_ok=True)
    (folder / "part" / "page.md").write_text(page)
    (folder / "part" / "all.md").write_text(ALL)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder]
    return subprocess.run(
        [*command, "-d", "kept/doctrees", ".", f"out-{builder}"],
        cwd=folder, capture_output=True, text=True, check=False,
    ), folder / f"out-{builder}"  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return tmp_path_factory.mktemp("book")


@pytest.fixture(scope="module")
def html(book):
    done, target = build(book, "html")
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def boxes(html):
    page = BeautifulSoup((html / "part" / "page.html").read_text(), "html.parser")
    return page.select(".nnq")


def told(box):
    return json.loads(box["data-check"])


def test_the_web_gets_questions_with_folded_answers(boxes):
    assert [told(box)["kind"] for box in boxes] == ["choice", "choice", "numeric", "order", "error"]
    assert [box["id"] for box in boxes][:2] == ["check-one-of-peano-s-three", "check-two-of-three"]
    assert all(box.details and not box.details.has_attr("open") for box in boxes)
    assert [told(boxes[k])["right"] for k in (0, 1, 4)] == [[1], [0, 1], [1]]
    assert told(boxes[0])["page"] == "part/page"


def test_marks_are_no_part_of_the_answers(boxes):
    answers = [li.get_text(" ", strip=True) for li in boxes[0].select(".nnq-answers > li")]
    assert answers == ["One.", "Two.", "Three"]
    reasons = [li.get_text(" ", strip=True) for li in boxes[0].select(".nnq-reasons > li")]
    assert reasons == ["That is a single one.", "So it is.", "Too many."]


def test_a_number_is_computed(boxes):
    data = told(boxes[2])
    assert (data["value"], data["room"], data["wrong"]) == (0.25, 0.0025, [0.5])
    assert data["unit"] == "m"
    assert "0.25 m" in boxes[2].details.get_text()


def test_steps_are_mixed_and_the_key_puts_them_right(boxes):
    order = told(boxes[3])["order"]
    shown = [li.get_text(strip=True) for li in boxes[3].select(".nnq-answers > li")]
    assert sorted(order) == [0, 1, 2] != order
    assert [shown[order.index(k)] for k in range(3)] == ["one", "two", "three"]
    letters = re.search(r"order: (\w), (\w), (\w)", boxes[3].details.get_text()).groups()
    assert [shown["abc".index(letter)] for letter in letters] == ["one", "two", "three"]


def test_lists_lead_to_all_questions(html):
    page = BeautifulSoup((html / "part" / "all.html").read_text(), "html.parser")
    links = [link["href"] for link in page.select(".nnq-answered a")]
    assert len(links) == 5
    assert links[0] == "page.html#check-one-of-peano-s-three"
    assert page.get_text().count("One of Peano’s three") == 2
    assert "How much is" in page.get_text()
    assert "find the error" in page.get_text()


def test_search_and_reading_time_know_the_questions(html, book):
    index = (html / "_static" / "search.js").read_text(encoding="utf-8")
    assert "Which are even?" in index
    assert "As always." in index


def test_paper_has_a_key_at_the_end(book, html):
    done, target = build(book, "typst")
    assert done.returncode == 0, done.stderr
    text = "\n".join(page.extract_text() for page in PdfReader(target / "main.pdf").pages)
    question, key = (text.index(words) for words in ("Which are even?", "Right: a, b."))
    assert question < text.rindex("Solutions") < key
    assert "0.25 m" in text[key:]
    assert len(re.findall(r"Answer on page\s\d", text)) == 5


def test_an_e_book_has_a_key_at_the_end_of_the_chapter(book, html):
    done, target = build(book, "epub")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(target.glob("*.epub"))) as packed:
        page = BeautifulSoup(packed.read("part/page.xhtml"), "html.parser")
    text = page.get_text()
    assert text.index("A proof.") < text.index("Answers to the self-checks")
    assert text.index("Answers to the self-checks") < text.index("Right: b.")
    assert not page.select("details, summary")


QUESTION = "Why?\n\n"
CHOICES = "- [x] Yes.\n\n  Because.\n- [ ] No.\n\n  Not so.\n"
STEPS = "1. one\n2. two\n\nSo it is.\n"
NUMBER = ":kind: numeric\n:answer: {}\n\nHow much?\n\n- `2` Twice.\n\nIt is one.\n"
FAULTS = {
    "an unknown kind": (":kind: essay\n\n" + QUESTION + CHOICES, "expected a kind out of"),
    "no answers": ("Why?\n", "expected a list of answers"),
    "no question": (CHOICES, "expected a question before"),
    "one answer": (QUESTION + "- [x] Yes.\n\n  Because.\n", "from 2 to 26 answers"),
    "all are right": (QUESTION + CHOICES.replace("[ ]", "[x]"), "right and wrong answers"),
    "none is right": (QUESTION + CHOICES.replace("[x]", "[ ]"), "right and wrong answers"),
    "no mark": (QUESTION + CHOICES.replace("[ ] ", ""), "expected '[x]' or '[ ]' before"),
    "no explanation": (QUESTION + "- [x] Yes.\n\n  So.\n- [ ] No.\n", "an explanation below 'No.'"),
    "not true": (":holds: 1 > 2\n\n" + QUESTION + CHOICES, "expected to be true"),
    "not computable": (":holds: nothing\n\n" + QUESTION + CHOICES, "expected an expression"),
    "an answer too many": (":answer: 1\n\n" + QUESTION + CHOICES, "option 'answer' if"),
    "no answer": (":kind: numeric\n\n" + QUESTION + CHOICES, "option 'answer' if"),
    "no number": (NUMBER.format("np"), "expected a finite number"),
    "a failing expression": (NUMBER.format("1 / 0"), "ZeroDivisionError"),
    "a wrong answer that counts": (NUMBER.format("2"), "2 counts as right"),
    "a coarse format": (":format: .0f\n" + NUMBER.format("1.4"), "not within the tolerance"),
    "a format that hides": (
        ":format: .0f\n" + NUMBER.format("100").replace("`2`", "`0.1`"),
        "shows 0.1 as 0",
    ),
    "a format that rounds": (
        ":format: .0f\n" + NUMBER.format("600").replace("`2`", "`2.4`"),
        "shows 2.4 as 2",
    ),
    "no format": (":format: wide\n" + NUMBER.format("1"), "expected a format"),
    "no tolerance": (":tolerance: some\n" + NUMBER.format("1"), "expected a tolerance"),
    "a number unexplained": (NUMBER.format("1")[: -len("It is one.\n")], "an explanation below"),
    "a wrong answer unexplained": (
        NUMBER.format("1").replace("`2` Twice.", "two"),
        "an expression as code",
    ),
    "a claim not shown": (NUMBER.format('claim("no-such.one")'), "in the text of the self-check"),
    "steps unexplained": (":kind: order\n\nCount.\n\n1. one\n2. two\n", "an explanation below"),
    "two errors": (
        ":kind: error\n\nProof.\n\n1. [!] a\n\n   x\n2. [!] b\n\n   y\n",
        "expected one wrong line",
    ),
    "the same title": (":kind: order\n\nCount.\n\n" + STEPS, "expected another title"),
}  # fmt: skip


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """Return what the build says of a page with all faults, and the line of each."""
    text, lines = "# A page\n\n", {}
    text += "```{self-check} the same title\n:kind: order\n\nCount.\n\n" + STEPS + "```\n\n"
    for title, (body, _) in FAULTS.items():
        lines[title] = text.count("\n") + 1
        text += f"```{{self-check}} {title}\n{body}```\n\n"
    done, _ = build(tmp_path_factory.mktemp("faults"), "html", text)
    assert done.returncode != 0
    return done.stderr, lines


@pytest.mark.parametrize("title", FAULTS)
def test_a_fault_stops_the_build_with_file_and_line(complaints, title):
    stderr, lines = complaints
    said = [line for line in stderr.splitlines() if f"the self-check {title!r}" in line]
    assert len(said) == 1, stderr
    assert f"page.md:{lines[title]}:" in said[0]
    assert FAULTS[title][1] in said[0]
