"""Claims in a small book: numbers with links, the list, and what a false claim does to a build."""

import io
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from nnbook.evidence import claims as evidence
from nnbook.evidence.claims import Checked, Claims
from nnbook.evidence.estimates import Estimate
from nnbook.publishing import claim_roles
from nnbook.publishing.dependencies import stamp

Build = Callable[..., tuple[Path, str, set[str]]]

CLAIM = """
[sheet-sgd-learns]
says = "The sheet's SGD reaches {sgd}, its Nadam *only* {nadam}."
holds = ["sgd > nadam", "sgd > 0.9"]
sgd = { sheet = "ex3-e2-sgd", metric = "test_accuracy" }
nadam = { sheet = "ex3-e1-nadam", metric = "test_accuracy" }
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds a book of one chapter and the list, and gives
    the folder of the pages, the warnings and the names of the pages that were read.
    """

    def built(
        chapter: str, claims: str = CLAIM, folders: str = "", **settings: object
    ) -> tuple[Path, str, set[str]]:
        source, folder = tmp_path / "book", tmp_path / "claims"
        source.mkdir(exist_ok=True)
        folder.mkdir(exist_ok=True)
        file = folder / "chapter.toml"
        if not file.exists() or file.read_text() != claims:
            file.write_text(claims)
            age = time.time() - 3600  # what changed just now would be checked in any case
            os.utime(file, (age, age))
        monkeypatch.setattr(evidence, "Claims", lambda: Claims(folder))
        monkeypatch.setattr(claim_roles, "CHECKED_FROM", (folder,))
        (source / "conf.py").write_text(
            'extensions = ["myst_parser", "nnbook.publishing.claim_roles"]\n'
        )
        pages = {
            "index": "# Book\n\n```{toctree}\nchapter\nlist\n```\n",
            "chapter": f"# The Chapter\n\n{chapter}\n",
            "list": f"# List\n\n```{{claims}} {folders}\n```\n",
        }
        for name, page in pages.items():
            path = source / f"{name}.md"
            if not path.exists() or path.read_text(encoding="utf-8") != page:
                path.write_text(page, encoding="utf-8")
        output, warnings = tmp_path / "html", io.StringIO()
        read: set[str] = set()
        with docutils_namespace():  # as on the command line: a build leaves nothing registered
            app = Sphinx(
                str(source),
                str(source),
                str(output),
                str(output / ".doctrees"),
                "html",
                status=None,
                warning=warnings,
                confoverrides={"nitpicky": True, **settings},
            )
            app.connect("doctree-read", lambda app, doctree: read.add(app.env.docname))
            app.build()
        return output, warnings.getvalue(), read

    return built


def test_a_number_leads_to_its_claim(build: Build) -> None:
    output, warnings, _ = build(
        "SGD reaches {claim}`sheet-sgd-learns.sgd`, {claim}`sheet-sgd-learns.nadam:full.1f`, "
        "which is more.{claim}`sheet-sgd-learns`"
    )
    assert warnings == ""
    page = (output / "chapter.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    links = re.findall(
        r'<a class="nnb-claim reference internal" href="([^"]*)"[^>]*>(.*?)</a>', page
    )
    shown = [re.sub("<.*?>", "", text) for href, text in links if "#claim-" in href]
    assert shown == ["92.52 %", "10.3 %", "✓"]
    assert 'title="test_accuracy of row ex3-e2-sgd of the answer sheet"' in page
    listed = (output / "list.html").read_text(encoding="utf-8")
    assert 'id="claim-sheet-sgd-learns"' in listed
    assert "<h2>The Chapter" in listed
    assert "its Nadam <em>only</em> 10.28" in listed
    text = re.sub("<.*?>", "", listed).replace("\N{NO-BREAK SPACE}", " ")
    assert "sgd &gt; nadam: exact: sgd is 92.52 %, nadam is 10.28 %" in text
    assert "speaks of: the runs on record, and no others" in text


def test_an_entry_leads_back_to_each_sentence(build: Build) -> None:
    output, warnings, _ = build(
        "SGD reaches {claim}`sheet-sgd-learns.sgd`, not {claim}`sheet-sgd-learns.nadam`.\n"
        "So it is.{claim}`sheet-sgd-learns`\n\n"
        "```\n# No heading\n```\n\n## Later\n\nAgain {claim}`sheet-sgd-learns.sgd`."
    )
    assert warnings == ""
    page, listed = ((output / name).read_text() for name in ("chapter.html", "list.html"))
    back = re.findall(r'href="chapter.html#(use-[^"]*)">(.*?)</a>', listed)
    assert back == [
        ("use-sheet-sgd-learns-1", "The Chapter"),
        ("use-sheet-sgd-learns-3", "and again"),
        ("use-sheet-sgd-learns-4", "The Chapter: Later"),
    ]
    assert re.findall(r'id="(use-[^"]*)"', page) == [f"use-sheet-sgd-learns-{n}" for n in "1234"]


def test_the_list_is_read_again_if_what_it_leads_back_to_changed(build: Build) -> None:
    build("SGD reaches {claim}`sheet-sgd-learns.sgd`.")
    output, _, read = build("## A heading\n\nSGD reaches {claim}`sheet-sgd-learns.sgd`.")
    assert read == {"chapter", "list"}
    assert "The Chapter: A heading" in (output / "list.html").read_text()


def test_files_are_shown_where_the_repository_is(build: Build) -> None:
    address = "https://example.org/book"
    output, _, _ = build(
        "SGD reaches {claim}`sheet-sgd-learns.sgd`.",
        html_theme_options={"repository_url": address, "repository_branch": "fresh"},
        html_theme="alabaster",
    )
    listed = (output / "list.html").read_text()
    assert f'href="{address}/blob/fresh/chapter.toml">the claim, in chapter.toml</a>' in listed


def test_a_list_may_be_of_some_folders_only(build: Build) -> None:
    output, warnings, _ = build("SGD reaches {claim}`sheet-sgd-learns.sgd`.", folders="a chapter")
    assert "is on no list" not in warnings
    assert 'id="claim-sheet-sgd-learns"' in (output / "list.html").read_text(encoding="utf-8")
    _, warnings, _ = build("SGD gets to {claim}`sheet-sgd-learns.sgd`.", folders="elsewhere")
    assert "sheet-sgd-learns is on no list of claims" in warnings


def test_all_claims_are_a_file_beside_the_pages(build: Build) -> None:
    output, _, _ = build("SGD reaches {claim}`sheet-sgd-learns.sgd`.")
    text = (output / "claims.json").read_text(encoding="utf-8")
    assert (output.parent / "claims.json").read_text(encoding="utf-8") == text
    card = json.loads(text)["claims"]["sheet-sgd-learns"]
    assert card["pages"] == ["chapter"]
    assert card["holds"] is True
    assert card["values"]["sgd"]["value"] == pytest.approx(0.9252, abs=1e-3)
    assert [verdict["kind"] for verdict in card["verdicts"]] == ["exact", "exact"]


def test_a_false_claim_is_on_file_too(build: Build) -> None:
    false = CLAIM.replace("sgd > 0.9", "sgd > 0.93")
    output, _, _ = build("Nothing.", false)
    card = json.loads((output / "claims.json").read_text())["claims"]["sheet-sgd-learns"]
    assert (card["holds"], card["pages"]) == (False, [])
    assert "sgd > 0.93 does not hold" in card["failures"][0]


@pytest.mark.parametrize(
    ("chapter", "claims", "message"),
    [
        ("{claim}`sheet-sdg-learns.sgd`", CLAIM, "did you mean 'sheet-sgd-learns'"),
        ("{claim}`sheet-sgd-learns.sdg`", CLAIM, "unknown value 'sdg', did you mean 'sgd'"),
        ("{claim}`sheet-sgd-learns.sgd:f`", CLAIM, "unknown format 'f'"),
        (
            "{claim}`sheet-sgd-learns.sgd`",
            CLAIM.replace("sgd > 0.9", "sgd > 0.93"),
            "does not hold: The sheet's SGD reaches 92.52",
        ),
    ],
)
def test_a_claim_that_is_false_or_unknown_is_a_warning(
    build: Build, chapter: str, claims: str, message: str
) -> None:
    _, warnings, _ = build(chapter, claims)
    assert "chapter.md:3: WARNING" in warnings
    assert message in warnings.replace("\N{NO-BREAK SPACE}", " ")


class TestWhatIsReadAgain:
    CHAPTER = "SGD reaches {claim}`sheet-sgd-learns.sgd`."

    def test_nothing_if_nothing_changed(self, build: Build) -> None:
        assert build(self.CHAPTER)[2] == {"index", "chapter", "list"}
        assert build(self.CHAPTER)[2] == set()

    def test_the_chapter_and_the_list_if_a_claim_changed(self, build: Build) -> None:
        build(self.CHAPTER)
        false = CLAIM.replace("sgd > 0.9", "sgd > 0.93")
        _, warnings, read = build(self.CHAPTER, false)
        assert read == {"chapter", "list"}
        assert "does not hold" in warnings

    def test_nothing_if_the_claim_is_of_no_chapter(self, build: Build) -> None:
        build(self.CHAPTER)
        another = CLAIM.replace("[sheet-sgd-learns]", "[sheet-sgd-learns-too]")
        output, _, read = build(self.CHAPTER, CLAIM + another)
        assert read == set()
        assert "sheet-sgd-learns-too" in (output / "claims.json").read_text(encoding="utf-8")

    def test_the_list_if_a_chapter_makes_another_claim(self, build: Build) -> None:
        build("Nothing yet.")
        output, _, read = build(self.CHAPTER)
        assert read == {"chapter", "list"}
        assert 'id="claim-sheet-sgd-learns"' in (output / "list.html").read_text(encoding="utf-8")

    def test_the_page_if_its_number_is_written_in_another_way(
        self, build: Build, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output, _, _ = build(self.CHAPTER)
        (output.parent / "claims" / "code.py").touch()
        monkeypatch.setattr(Estimate, "__format__", lambda *_: "92 of 100")
        output, _, read = build(self.CHAPTER)
        assert read == {"chapter", "list"}
        assert "92 of 100" in (output / "chapter.html").read_text(encoding="utf-8")


class TestWhatIsCheckedAgain:
    CHAPTER = TestWhatIsReadAgain.CHAPTER

    @pytest.fixture
    def checked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Return the list to which the names of claims are added as they are checked."""
        names: list[str] = []
        check = Claims.check

        def noted(self: Claims, name: str) -> Checked:
            names.append(name)
            return check(self, name)

        monkeypatch.setattr(Claims, "check", noted)
        return names

    def test_nothing_if_nothing_changed(self, build: Build, checked: list[str]) -> None:
        output, _, _ = build(self.CHAPTER)
        cards = (output / "claims.json").read_text(encoding="utf-8")
        (output / "claims.json").unlink()
        checked.clear()
        build(self.CHAPTER)
        assert checked == []
        assert (output / "claims.json").read_text(encoding="utf-8") == cards

    def test_everything_if_a_file_changed_or_a_page_shows_something_else(
        self, build: Build, checked: list[str]
    ) -> None:
        build(self.CHAPTER)
        for chapter, claims in [
            (self.CHAPTER, CLAIM + "# of the same claims"),
            (self.CHAPTER + " {claim}`sheet-sgd-learns.nadam`", CLAIM),
        ]:
            checked.clear()
            build(chapter, claims)
            assert "sheet-sgd-learns" in checked


def test_a_file_that_changed_just_now_may_change_again_unseen(tmp_path: Path) -> None:
    (tmp_path / "new.toml").touch()
    assert stamp(tmp_path) != stamp(tmp_path)
    os.utime(tmp_path / "new.toml", (1e9, 1e9))
    assert stamp(tmp_path) == stamp(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "new.pyc").touch()
    before = stamp(tmp_path)
    assert before == stamp(tmp_path)
    os.utime(tmp_path / "new.toml", (1e9 + 1, 1e9 + 1))
    assert before != stamp(tmp_path)
