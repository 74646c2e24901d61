"""Claims in a small book: numbers with links, the list, and what a false claim does to a build."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sphinx.application import Sphinx

from nnbook.evidence.claims import Claims
from nnbook.publishing import claim_roles

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

    def built(chapter: str, claims: str = CLAIM) -> tuple[Path, str, set[str]]:
        source, folder = tmp_path / "book", tmp_path / "claims"
        source.mkdir(exist_ok=True)
        folder.mkdir(exist_ok=True)
        (folder / "chapter.toml").write_text(claims)
        monkeypatch.setattr(claim_roles, "Claims", lambda: Claims(folder))
        (source / "conf.py").write_text(
            'extensions = ["myst_parser", "nnbook.publishing.claim_roles"]\n'
        )
        pages = {
            "index": "# Book\n\n```{toctree}\nchapter\nlist\n```\n",
            "chapter": f"# The Chapter\n\n{chapter}\n",
            "list": "# List\n\n```{claims}\n```\n",
        }
        for name, page in pages.items():
            path = source / f"{name}.md"
            if not path.exists() or path.read_text(encoding="utf-8") != page:
                path.write_text(page, encoding="utf-8")
        output, warnings = tmp_path / "html", io.StringIO()
        app = Sphinx(
            str(source),
            str(source),
            str(output),
            str(output / ".doctrees"),
            "html",
            status=None,
            warning=warnings,
            confoverrides={"nitpicky": True},
        )
        read: set[str] = set()
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
    links = re.findall(r'<a class="nnb-claim reference internal" href="([^"]*)">(.*?)</a>', page)
    shown = [re.sub("<.*?>", "", text) for href, text in links if "#claim-" in href]
    assert shown == ["92.52 %", "10.3 %", "✓"]
    assert 'title="92.52 % (test_accuracy of row ex3-e2-sgd of the answer sheet)"' in page
    listed = (output / "list.html").read_text(encoding="utf-8")
    assert 'id="claim-sheet-sgd-learns"' in listed
    assert "<h2>The Chapter" in listed
    assert "its Nadam <em>only</em> 10.28" in listed
    text = re.sub("<.*?>", "", listed).replace("\N{NO-BREAK SPACE}", " ")
    assert "sgd &gt; nadam: exact: sgd is 92.52 %, nadam is 10.28 %" in text
    assert "speaks of: the runs on record, and no others" in text


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

    def test_the_list_only_if_the_claim_is_of_no_chapter(self, build: Build) -> None:
        build(self.CHAPTER)
        another = CLAIM.replace("[sheet-sgd-learns]", "[sheet-sgd-learns-too]")
        assert build(self.CHAPTER, CLAIM + another)[2] == {"list"}

    def test_the_list_if_a_chapter_makes_another_claim(self, build: Build) -> None:
        build("Nothing yet.")
        output, _, read = build(self.CHAPTER)
        assert read == {"chapter", "list"}
        assert 'id="claim-sheet-sgd-learns"' in (output / "list.html").read_text(encoding="utf-8")
