"""Sections of a student's own, and code in a report."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from nnbook.errors import LabError
from nnbook.lab import Report
from nnbook.lab.answers import read_answers
from nnbook.lab.elements import ReportElements
from nnbook.lab.listings import MOST_LINES, read_listing
from nnbook.lab.marking import pages
from nnbook.lab.pandoc import write_typst
from tests.lab.conftest import text_of
from tests.lab.test_folder import change

CODE = 'import keras\n\n\ndef train(x):\n\treturn x  # ünïcode "#read()" ``` \\\n'


def colors(pdf: bytes) -> set[str]:
    """Return the colors that texts of a PDF are set in."""
    contents = [page.get_contents() for page in PdfReader(io.BytesIO(pdf)).pages]
    text = b"\n".join(content.get_data() for content in contents if content is not None).decode(
        "latin-1"
    )
    return set(re.findall(r"([\d. ]+) (?:scn|rg|k)\b", text))


def test_sections_of_no_exercise_stand_before_and_after(lab: Path) -> None:
    (lab / "answers.md").write_text(
        "# Introduction\n\nFirst of all.\n\n# 2b\n\nTwo.\n\n## Conclusion\n\nInner.\n\n"
        "# References\n\nBooks.\n\n# Appendix: our *code*\n\n{{ figure:fit:eckerle4 }}\n\n"
        "See {{ ref:figure:fit:eckerle4 }}.\n",
        "utf-8",
    )
    report = Report(lab)
    pdf = report.pdf()
    text = text_of(pdf)
    order = ["First of all.", "Exercise 1a: ", "Two.", "Inner.", "Books.", "See Figure"]
    places = [text.rindex(part) for part in order]
    assert places == sorted(places)
    assert text.index("Books.") > text.rindex("Experiments What was run")
    titles = [
        str(item["/Title"]) for item in PdfReader(io.BytesIO(pdf)).outline if "/Title" in item
    ]
    assert titles[0] == "Introduction" and "Appendix: our code" in titles
    assert "Conclusion" not in titles
    assert [f for f in report.findings if f.kind == "unreferenced"] == []
    shown_above = text[text.index("Two networks for Eckerle4 (eckerle4)") :][:200]
    assert "Shown above" not in shown_above  # the appendix comes later


def test_sections_of_no_exercise_count_for_none(lab: Path) -> None:
    (lab / "answers.md").write_text(
        "# Summary\n\nWords.\n\n# 2b\n\nTwo.\n\n# Appendix\n\n{{ table:eckerle4 }}\n", "utf-8"
    )
    report = Report(lab)
    found = {str(finding) for finding in report.check()}
    path = report.lab.answers_path
    assert f"required: {path}: line 5: exercise 2b asks for a table" in found
    answers = read_answers(report.lab, ReportElements(report.lab))
    assert answers.words["2b"] == 1 and answers.labels_after == ["table:eckerle4"]
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(report.pdf())).pages]
    read = pages.sections(texts, report.lab.definition, report.lab.words)
    assert "Two." in read["2b"] and not any("Words." in section for section in read.values())


def test_german_sections_have_german_titles(lab: Path) -> None:
    change(lab, 'language = "en"', 'language = "de"')
    path = lab / "answers.md"
    path.write_text("# Einleitung\n\nVorab.\n\n# 2b\n\nZwei.\n\n# Literatur\n\nBuch.\n", "utf-8")
    assert "Einleitung Vorab." in text_of(Report(lab).pdf())
    path.write_text("# Vorwort\n\nVorab.\n", "utf-8")
    with pytest.raises(LabError, match="or one of the titles Einleitung, Zusammenfassung, "):
        Report(lab).check()


def test_code_is_highlighted_in_its_language(lab: Path) -> None:
    plain = "# 2b\n\n```\ndef train(x):\n    return None\n```\n"
    (lab / "answers.md").write_text(plain, "utf-8")
    before = colors(Report(lab).pdf())
    (lab / "answers.md").write_text(plain.replace("```\ndef", "```python\ndef"), "utf-8")
    assert colors(Report(lab).pdf()) > before


def test_what_is_no_language_is_dropped(lab: Path) -> None:
    for attributes in ('python"#read', '{.python .second title="x" #name}', "{=html}"):
        (lab / "answers.md").write_text(f"# 2b\n\n```{attributes}\ncode\n```\n", "utf-8")
        report = Report(lab)
        answers = read_answers(report.lab, ReportElements(report.lab))
        code = write_typst(answers.sections["2b"]).code.strip()
        language = "python" if ".python" in attributes else ""
        assert code == f"```{language}\ncode\n```"


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_listing_has_a_caption_and_a_reference(
    answer: Callable[[str], Report], lab: Path, language: str
) -> None:
    (lab / "code").mkdir()
    (lab / "code" / "train.py").write_text(CODE, "utf-8")
    change(lab, 'language = "en"', f'language = "{language}"')
    text = (
        "As {{ show:listing:code/train.py:4-5 }} has it, see {{ ref:listing:code/train.py:4-5 }}."
    )
    report = answer(text)
    pdf = report.pdf()
    printed = text_of(pdf)
    caption = {"en": "Code from code/train.py, lines 4–5.", "de": "Code aus code/train.py, Zeilen"}
    assert f"Listing 1: {caption[language]}" in printed.replace("\u200b", "")
    assert "As Listing 1 has it, see Listing 1." in printed
    assert 'return x # ünïcode "#read()" ``` \\' in printed and "import keras" not in printed
    assert "listing" in report.answers.contents["2b"]
    assert len(colors(pdf)) > 3
    metadata = PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Metadata"]  # type: ignore[index]
    assert b"pdfuaid:part" in metadata.get_object().get_data()


def test_a_long_listing_goes_on_over_pages(answer: Callable[[str], Report], lab: Path) -> None:
    (lab / "train.py").write_text("".join(f"x_{n} = {n}\n" for n in range(MOST_LINES)), "utf-8")
    texts = [
        page.extract_text()
        for page in PdfReader(io.BytesIO(answer("{{ listing:train.py }}").pdf())).pages
    ]
    counts = [text.count("x_") for text in texts if "x_" in text]
    assert sum(counts) == MOST_LINES and len(counts) >= 4


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("tra1n.py", "no file 'tra1n.py', did you mean 'train.py'"),
        ("../secret.py", "expected a file in the lab's folder"),
        ("/etc/passwd.py", "expected a file in the lab's folder"),
        ("link.py", "expected a file in the lab's folder"),
        ("hard.py", "another name somewhere"),
        ("a\0.py", "expected a file in the lab's folder"),
        ("", "expected a file in the lab's folder"),
        ("lab.exe", "expected a file of code"),
        ("train.py:0-2", "has the lines 1-5, received 0-2"),
        ("train.py:4-9", "has the lines 1-5, received 4-9"),
        ("train.py:4-2", "has the lines 1-5, received 4-2"),
        ("long.py", f"at most {MOST_LINES} lines, received 500; name some, such as long.py:1-40"),
        ("folder.py", "folder.py"),
    ],
)
def test_what_cannot_be_listed_is_refused(
    new_lab: Path, tmp_path: Path, asked: str, message: str
) -> None:
    (tmp_path / "secret.py").write_text("secret\n", "utf-8")
    (new_lab / "train.py").write_text(CODE, "utf-8")
    (new_lab / "link.py").symlink_to(tmp_path / "secret.py")
    (new_lab / "hard.py").hardlink_to(tmp_path / "secret.py")
    (new_lab / "long.py").write_text("x\n" * 500, "utf-8")
    (new_lab / "folder.py").mkdir()
    with pytest.raises(LabError, match=message):
        read_listing(new_lab, asked)


def test_a_listing_that_cannot_be_names_its_line(answer: Callable[[str], Report]) -> None:
    with pytest.raises(
        LabError, match=r"answers\.md: line 3: \{\{ listing:no\.py \}\}: listing: no"
    ):
        answer("{{ listing:no.py }}").check()
