"""The bibliography: what can be checked in it without a network."""

import datetime
import re

import pytest
from pybtex.database import Entry, Person, parse_file

from nnbook.project import REPOSITORY
from tests.book.conftest import parsed

BOOK = REPOSITORY / "book"
ENTRIES = parse_file(str(BOOK / "references.bib")).entries
CITED = {
    key.strip()
    for path in BOOK.rglob("*.md")
    for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text())
    for key in keys.split(",")
}
NEEDED = {
    "article": {"title", "journal", "year"},
    "book": {"title", "publisher", "year"},
    "incollection": {"title", "booktitle", "publisher", "pages", "year"},
    "inproceedings": {"title", "booktitle", "year"},
    "misc": {"title", "year"},
}
WORDS = re.compile(r"\w+")
FIRST_YEAR = 1900  # older works would be cited from a collection
FORMS = {
    "doi": r"10\.\d{4,9}/[^\s{}]+",
    "eprint": r"\d{4}\.\d{4,5}",
    "pages": r"[1-9]\d*--[1-9]\d*|e?\d+",
    "url": r"https?://(?!(dx\.)?doi\.org|arxiv\.org)\S+",
}


def isbn_is_valid(isbn):
    """Tell whether the check digit of an ISBN of 10 or 13 characters is right."""
    digits = [10 if sign == "X" else int(sign) for sign in isbn.replace("-", "")]
    if len(digits) == 13:
        return sum(digits[::2]) + 3 * sum(digits[1::2]) in range(0, 1200, 10)
    return len(digits) == 10 and sum(i * d for i, d in enumerate(reversed(digits), 1)) % 11 == 0


def faults(entry):
    """Return what is wrong with one entry."""
    fields = dict(entry.fields)
    found = [f"no {name}" for name in sorted(NEEDED[entry.type] - set(fields))]
    if not entry.persons.get("author"):
        found.append("no author")
    for name, form in FORMS.items():
        if name in fields and not re.fullmatch(form, fields[name]):
            found.append(f"{name} {fields[name]}")
    first, _, last = fields.get("pages", "").partition("--")
    if last and int(first) >= int(last):
        found.append(f"pages {fields['pages']}")
    if not FIRST_YEAR <= int(fields.get("year", 0)) <= datetime.date.today().year:
        found.append(f"year {fields.get('year')}")
    if "isbn" in fields and not isbn_is_valid(fields["isbn"]):
        found.append(f"isbn {fields['isbn']}")
    if "eprint" in fields and fields.get("archiveprefix") != "arXiv":
        found.append("eprint without archive")
    if not {"doi", "eprint", "url", "isbn", "pages", "howpublished"} & set(fields):
        found.append("nothing that leads to the work")
    return found


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_has_what_its_kind_needs(key):
    assert faults(ENTRIES[key]) == []


def broken(kind="article", author="Doe, Jane", **changes):
    fields = {"title": "T", "journal": "J", "year": "2000", "doi": "10.1000/a"} | changes
    fields = {name: value for name, value in fields.items() if value is not None}
    return Entry(kind, fields, {"author": [Person(author)]} if author else {})


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (broken(journal=None), "no journal"),
        (broken(kind="incollection", booktitle="B", pages="1--2"), "no publisher"),
        (broken(author=None), "no author"),
        (broken(doi="doi.org/10.1000/a"), "doi doi.org/10.1000/a"),
        (broken(url="https://arxiv.org/abs/1234.56789"), "url https://arxiv.org/abs/1234.56789"),
        (broken(eprint="1234.56789"), "eprint without archive"),
        (broken(pages="12-15"), "pages 12-15"),
        (broken(pages="15--12"), "pages 15--12"),
        (broken(year="2999"), "year 2999"),
        (broken(isbn="978-0-387-31073-3"), "isbn 978-0-387-31073-3"),
        (broken(isbn="0-387-31073-9"), "isbn 0-387-31073-9"),
        (broken(doi=None), "nothing that leads to the work"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_entry_is_found(entry, fault):
    assert faults(broken(isbn="0-387-31073-8")) == []
    assert faults(entry) == [fault]


def test_what_is_cited_is_listed_and_what_is_listed_is_cited():
    assert set(ENTRIES) == CITED


@pytest.mark.parametrize("name", ["doi", "eprint", "isbn", "title"])
def test_no_work_is_listed_twice(name):
    values = [
        (entry.fields[name].lower(), str(entry.persons["author"]) if name == "title" else "")
        for entry in ENTRIES.values()
        if name in entry.fields
    ]
    assert sorted(values) == sorted(set(values))


def test_the_text_cites_works_as_the_bibliography_names_and_sorts_them(html):
    soup, _, _ = parsed(html / "reference" / "bibliography.html")
    names = {
        box["id"]: box.select_one(".label").get_text().strip("[]")
        for box in soup.select(".citation")
    }
    assert len(names) > 100
    assert len(set(names.values())) == len(names)
    page, _, _ = parsed(html / "learning" / "batch-normalization.html")
    links = page.select('a[href*="bibliography.html#"]')
    cited = [(a["href"].partition("#")[2], WORDS.findall(a.get_text())) for a in links]
    shown = {name: words for name, words in cited if not words[0][:4].isdigit()}
    assert len(shown) > 4
    assert {name: WORDS.findall(names[name]) for name in shown} == shown
