"""Claims in a small book: numbers with links, the list, and what a false claim does to a build."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sphinx.application import Sphinx

from nnbook.experiments.claims import Claims
from nnbook.publishing import claim_roles

Build = Callable[..., tuple[Path, str]]

CLAIM = """
[sheet-sgd-learns]
says = "The sheet's SGD reaches {sgd}, its Nadam *only* {nadam}."
holds = ["sgd > nadam", "sgd > 0.9"]
sgd = { sheet = "ex3-e2-sgd", metric = "test_accuracy" }
nadam = { sheet = "ex3-e1-nadam", metric = "test_accuracy" }
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds a book of one chapter and the list, and gives its warnings."""

    def built(chapter: str, claims: str = CLAIM) -> tuple[Path, str]:
        source, folder = tmp_path / "book", tmp_path / "claims"
        source.mkdir()
        folder.mkdir()
        (folder / "chapter.toml").write_text(claims)
        monkeypatch.setattr(claim_roles, "Claims", lambda: Claims(folder))
        (source / "conf.py").write_text(
            'extensions = ["myst_parser", "nnbook.publishing.claim_roles"]\n'
        )
        (source / "index.md").write_text(
            "# Book\n\n```{toctree}\nchapter\nlist\n```\n", encoding="utf-8"
        )
        (source / "chapter.md").write_text(f"# The Chapter\n\n{chapter}\n", encoding="utf-8")
        (source / "list.md").write_text("# List\n\n```{claims}\n```\n", encoding="utf-8")
        output, warnings = tmp_path / "html", io.StringIO()
        app = Sphinx(
            str(source),
            str(source),
            str(output),
            str(output / ".doctrees"),
            "html",
            status=None,
            warning=warnings,
            freshenv=True,
            confoverrides={"nitpicky": True},
        )
        app.build()
        return output, warnings.getvalue()

    return built


def test_a_number_leads_to_its_claim(build: Build) -> None:
    output, warnings = build(
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
    assert "holds: sgd &gt; nadam, sgd &gt; 0.9" in re.sub("<.*?>", "", listed)


@pytest.mark.parametrize(
    ("chapter", "claims", "message"),
    [
        ("{claim}`sheet-sdg-learns.sgd`", CLAIM, "did you mean 'sheet-sgd-learns'"),
        ("{claim}`sheet-sgd-learns.sdg`", CLAIM, "unknown value 'sdg', did you mean 'sgd'"),
        ("{claim}`sheet-sgd-learns.sgd:f`", CLAIM, "unknown format 'f'"),
        (
            "{claim}`sheet-sgd-learns.sgd`",
            CLAIM.replace("sgd > 0.9", "sgd > 0.93"),
            "is false: The sheet's SGD reaches 92.52",
        ),
    ],
)
def test_a_claim_that_is_false_or_unknown_is_a_warning(
    build: Build, chapter: str, claims: str, message: str
) -> None:
    _, warnings = build(chapter, claims)
    assert "chapter.md:3: WARNING" in warnings
    assert message in warnings.replace("\N{NO-BREAK SPACE}", " ")
