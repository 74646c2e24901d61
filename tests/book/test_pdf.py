"""The PDF of the book: made by `make pdf`, read back with pypdf and poppler's tools."""

import re
import shutil
import subprocess
from collections import Counter
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise

import pytest
import yaml
from PIL import Image
from pypdf import PdfReader

from nnbook.lab.example import FOLDER, PICTURE
from nnbook.project import REPOSITORY
from tests.book.conftest import parsed, unavailable
from tests.book.test_sources import CHAPTERS

CONFIG = yaml.safe_load((REPOSITORY / "_config.yml").read_text())["sphinx"]["config"]
PRINTED = [
    path
    for path in CHAPTERS
    if not any(
        fnmatch(path.relative_to(REPOSITORY / "book").with_suffix("").as_posix(), pattern)
        for pattern in CONFIG["nnbook_not_printed"]
    )
]
PDF = REPOSITORY / "_build" / "nnbook.pdf"
POINTS = 72 / 25.4  # of a millimeter
SPACE = re.compile(r"\s+")


def poppler(tool, *arguments):
    if shutil.which(tool) is None:
        unavailable(f"{tool} not found (on Debian: apt-get install poppler-utils)")
    command = [tool, *arguments, str(there())]
    if tool == "pdftotext":
        command.append("-")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def there():
    if not PDF.exists():
        unavailable("there is no PDF: run `make pdf` first")
    return PDF


@cache
def text():
    """Return the text of all pages, without spaces, which depend on how lines are set."""
    return SPACE.sub("", poppler("pdftotext"))


@pytest.fixture(scope="module")
def reader():
    return PdfReader(there())


def test_every_chapter_is_in_it():
    titles = [re.search(r"^# (.*)$", path.read_text(), flags=re.M)[1] for path in PRINTED]
    assert [title for title in titles if SPACE.sub("", title) not in text()] == []


def test_references_and_numbers_from_records_are_resolved():
    assert "[?]" not in text()
    assert "??" not in text()
    assert "{number}" not in text()
    assert "glue:text" not in text()


def test_numbers_are_those_of_the_web(html):
    """Figures, tables, exercises, sections and equations."""
    shown = []
    for path in PRINTED:
        page, _, _ = parsed(html / path.relative_to(REPOSITORY / "book").with_suffix(".html"))
        captions = [c.parent.get_text() for c in page.select(".caption-number")]
        exercises = [
            t.get_text() for t in page.select(".exercise > .admonition-title") if t.get_text()
        ]
        sections = [
            re.sub(r"\.(?=\s)", "", number.parent.get_text(), count=1)
            for number in page.select("h1 .section-number, h2 .section-number")
        ]
        equations = [number.get_text() for number in page.select(".eqno")]
        shown += [SPACE.sub("", t.replace("#", ""))[:30] for t in (*captions, *exercises)]
        shown += [SPACE.sub("", t.rstrip("#\n")) for t in (*sections, *equations)]
    assert len(shown) > 600
    assert [t for t in shown if t not in text()] == []


def test_two_names_of_one_term_are_apart():
    assert "stochasticgradientdescent,SGD" in text()


def test_what_is_only_looked_up_is_on_the_web_alone():
    for name in ("Theclaimsof", "nnbook.experiment("):
        assert name not in text()


def test_solutions_works_and_terms_stand_at_the_end():
    solution = text().index("SolutiontoExercise")
    assert text().rindex("Exercises") < solution < text().rindex("Indexofterms")
    assert "Rumelhartetal.1986.DavidE.Rumelhart" in text()
    assert re.search(r"Citedonpages?\d", text())


def test_it_is_tagged_and_says_what_it_is(reader):
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata.title == "Learning in Neural Networks, Measured"
    assert reader.metadata.author
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_its_structure_can_be_read_aloud(reader):
    """Walk the tree of tags: headings do not skip a level, what is seen has words."""
    elements = list(structure(reader.trailer["/Root"]["/StructTreeRoot"]))
    kinds = [element.get("/S") for element in elements]
    for kind, least in {"/P": 2000, "/Table": 50, "/TH": 100, "/Link": 500, "/L": 100}.items():
        assert kinds.count(kind) > least, kind
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind or "")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    seen = [element for element in elements if element.get("/S") in ("/Figure", "/Formula")]
    assert len(seen) > 1500
    assert [element for element in seen if not element.get("/Alt")] == []


def children(element):
    """Return what an element of the structure holds: elements, and marks of content."""
    below = element.get("/K", [])
    return [it.get_object() for it in (below if isinstance(below, list) else [below])]


def structure(element):
    """Yield all elements below one."""
    for child in children(element):
        if hasattr(child, "get") and "/S" in child:
            yield child
            yield from structure(child)


def first_page(element, inherited=None):
    """Return the page on which the content of an element begins, or nothing."""
    here = element.raw_get("/Pg").idnum if "/Pg" in element else inherited
    for child in children(element):
        found = first_page(child, here) if hasattr(child, "get") else here
        if found is not None:
            return found
    return here if "/MCID" in element else None


def test_no_table_leaves_a_row_alone_before_or_behind_the_end_of_a_page(reader):
    alone, tables = [], 0
    for element in structure(reader.trailer["/Root"]["/StructTreeRoot"]):
        if element.get("/S") == "/Table":
            tables += 1
            rows = [row for row in structure(element) if row.get("/S") == "/TR"]
            count = Counter(page for page in map(first_page, rows) if page is not None)
            _, *rest = count.values()
            # The head counts once: where it is repeated, it is no content.
            if rest and (min(count.values()) < 2 or next(iter(count.values())) < 3):
                alone.append(f"{dict(count)}: {rows[1].get_object()}")
    assert tables > 100
    assert alone == []


def test_a_chapter_begins_with_its_title(reader):
    """No figure stands above it."""
    height = float(reader.pages[0].mediabox.height)
    tops = {
        entry.title: height - float(entry.top) for entry in outlined(reader.outline) if entry.top
    }
    chapters = [title for title in tops if re.match(r"\d+ ", title)]
    assert len(chapters) > 40
    began = (reader.metadata.title, *chapters)
    assert {title: tops[title] for title in began if tops[title] > 30 * POINTS} == {}


def outlined(entries):
    """Yield the entries of an outline, and those below them."""
    for entry in entries:
        if isinstance(entry, list):
            yield from outlined(entry)
        else:
            yield entry


def test_what_belongs_to_a_box_is_not_alone_on_the_next_page():
    pages = poppler("pdftotext", "-layout").split("\f")
    firsts = [[line.strip() for line in page.splitlines() if line.strip()][1:2] for page in pages]
    alone = re.compile(r"(Answer|Solution) on page \d+$")
    assert [first for first in firsts if first and alone.match(first[0])] == []


def test_all_fonts_are_embedded():
    # The columns from the right: object ID (two numbers), uni, sub, emb.
    fonts = [line.split()[-5] for line in poppler("pdffonts").splitlines()[2:]]
    assert len(fonts) > 5
    assert set(fonts) == {"yes"}


def test_nothing_stands_in_the_margin():
    words = re.findall(r'xMin="([\d.]+)"[^>]* xMax="([\d.]+)"', poppler("pdftotext", "-bbox"))
    assert len(words) > 50_000
    left, right = 25 * POINTS, (210 - 25) * POINTS  # as template.typ says
    beyond = [w for w in words if float(w[0]) < left - 3 or float(w[1]) > right + 3]
    assert beyond == []


def test_figures_are_vector_graphics():
    # Pictures of data, such as weights or a confusion matrix, are arrays of pixels. A figure of
    # the book is 460 points wide and 260 high, and would have as many pixels or more as an image.
    images = poppler("pdfimages", "-list").splitlines()[2:]
    sizes = {tuple(map(int, line.split()[3:5])) for line in images}
    # The one that is there as an image is a page of a report.
    with Image.open(REPOSITORY / "book" / FOLDER / PICTURE) as page:
        sizes.discard(page.size)
    assert [size for size in sizes if size[0] > 455 and size[1] > 240] == []
