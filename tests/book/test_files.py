"""The files of the built book, read as text: what they load, where they lead."""

import gzip
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from justhtml import JustHTML

from nnbook.project import REPOSITORY
from tests.book.conftest import PAGES, parsed

# Not what follows a letter, a digit or a hyphen: names of configurations, dates, ranges.
HYPHEN_OR_POWER = re.compile(r"(?<![\w)\].–-])-\d[\d.,]*|(?<![\w.-])[\d.]+e[-+]\d+")
MOST_BYTES = 150_000  # compressed, without figures


@cache
def compressed(path):
    return len(gzip.compress(path.read_bytes(), 9))


def loaded(soup):
    """Return the scripts and styles of a page, and the fonts of its formulas."""
    first = soup.select_one("script[data-script]")
    own = [script["src"] for script in soup.find_all("script", src=True)] + [first["data-script"]]
    own += [link["href"] for link in soup.find_all("link", rel="stylesheet")]
    return own, first.get("data-fonts", "").split()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_little(name, html):
    own, fonts = loaded(parsed(html / name)[0])
    assert len(own) == 2, f"one style, one script: {own}"
    paths = [path.partition("?")[0] for path in own + fonts]
    files = [html / name] + [((html / name).parent / path).resolve() for path in paths]
    assert sum(map(compressed, files)) <= MOST_BYTES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_no_folder_of_the_machine_that_built_it(name, html):
    text = (html / name).read_text(encoding="utf-8")
    assert f"{tempfile.gettempdir()}/" not in text  # whose names are others each time
    assert str(REPOSITORY) not in text


@pytest.mark.parametrize("name", PAGES)
def test_identifiers_are_unique(name, html):
    ids = [element["id"] for element in parsed(html / name)[0].find_all(id=True)]
    assert not {i for i in ids if ids.count(i) > 1}


@pytest.mark.parametrize("name", PAGES)
def test_images_declare_their_size_and_load_when_near(name, html):
    for place, image in enumerate(parsed(html / name)[0].select("article img")):
        assert image.get("loading") == "lazy" or place == 0, image["src"]
        assert int(image["width"]) > 0 and int(image["height"]) > 0, image["src"]


def is_code_or_formula(tag):
    signature = tag.name == "dl" and "py" in tag.get("class", [])
    return signature or tag.name in ("code", "pre", "script", "style", "math", "svg")


@pytest.mark.parametrize("name", PAGES)
def test_numbers_in_the_text_are_written_as_in_mathematics(name, html):
    texts = parsed(html / name)[0].select_one("article").find_all(string=HYPHEN_OR_POWER)
    found = [text for text in texts if not text.find_parent(is_code_or_formula)]
    assert found == [], "a minus sign is no hyphen, and a power of ten has a base"


@pytest.mark.parametrize("name", PAGES)
def test_no_icon_waits_for_a_font(name, html):
    assert not parsed(html / name)[0].select("i[class*=fa-], span[class*=fa-]")


def test_the_stylesheet_is_printed_light_and_needs_no_icon_font(html):
    css = (html / "_static" / "page.css").read_text(encoding="utf-8")
    assert "Font Awesome" not in css
    assert not re.search("[\ue000-\uf8ff]", css)
    assert re.search(r'@media screen\{html\[data-theme="?dark', css)


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_book_lead_somewhere(name, html):
    _, links, _ = parsed(html / name)
    within = [link for link in links if not urlsplit(link).scheme]
    assert within, "a page without links is none of this book"
    for link in within:
        path, anchor = unquote(urlsplit(link).path), unquote(urlsplit(link).fragment)
        target = Path(os.path.normpath((html / name).parent / path)) if path else html / name
        assert target.is_file(), f"{name} links to {link}"
        if anchor and target.suffix == ".html":
            assert anchor in parsed(target)[2], f"{name} links to {link}"


@pytest.mark.parametrize("name", PAGES)
def test_equation_numbers_lead_to_their_equations(name, html):
    soup, _, _ = parsed(html / name)
    for number in soup.select("div.math > .eqno"):
        equation = number.parent
        assert equation["id"]
        assert number.a["href"] == f"#{equation['id']}"
        text = number.get_text().rstrip("#")
        assert equation.select_one(".nnb-scroll")["data-label"] == f"Equation {text}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_html(name, html):
    page = JustHTML((html / name).read_text(encoding="utf-8"), collect_errors=True, sanitize=False)
    assert not page.errors


def test_the_checker_sees_faults():
    page = JustHTML("<!DOCTYPE html><p><div></p>", collect_errors=True, sanitize=False)
    assert page.errors


def test_the_validator_of_the_w3c_finds_no_error(html):
    # It checks more (attributes, roles, what may stand where), and needs Java.
    validator, java = os.environ.get("VNU_JAR"), shutil.which("java")
    if not validator or not java:
        pytest.skip("no Nu Html Checker: npm pack vnu-jar, and set VNU_JAR to the path of vnu.jar")
    command = [java, "-jar", validator, "--errors-only", *(str(html / name) for name in PAGES)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.stderr == "" and checked.returncode == 0
