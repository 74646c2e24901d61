import datetime
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image
from pypdf import PdfReader

from nnbook.errors import LabError, NNBookError
from nnbook.lab import Report
from nnbook.lab.folder import Lab
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec
from tests.lab.conftest import text_of, trained
from tests.lab.test_folder import change


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def is_archivable(pdf: bytes) -> bool:
    """Return whether a PDF says of itself that it keeps PDF/A-3a and PDF/UA-1."""
    metadata = read(pdf).trailer["/Root"]["/Metadata"].get_object().get_data()  # type: ignore[index]
    return b"pdfaid:part" in metadata and b"pdfuaid:part" in metadata


def test_a_report_is_a_tagged_document_with_title_authors_and_language(report: Path) -> None:
    reader = PdfReader(report)
    assert reader.metadata is not None
    assert reader.metadata.title == "Lab 4: Learning in Neural Networks"
    assert reader.metadata.author == "Your Name"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == datetime.date(2026, 11, 24)
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "en"  # type: ignore[index]
    assert catalog["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert b"pdfuaid" in catalog["/Metadata"].get_object().get_data()  # type: ignore[index]
    a4 = (595, 842)
    assert {tuple(round(x) for x in page.mediabox[2:]) for page in reader.pages} == {a4}


def test_all_fonts_are_embedded(report: Path) -> None:
    fonts = [
        font.get_object()
        for page in PdfReader(report).pages
        for font in page["/Resources"].get("/Font", {}).values()  # type: ignore[attr-defined]
    ]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_same_folder_gives_the_same_bytes(recorded: Path, report: Path, lab: Path) -> None:
    assert Report(recorded).pdf() == report.read_bytes()
    change(lab, 'name = "Your Name"', 'name = "Another Name"')
    assert Report(lab).pdf() != report.read_bytes()


def test_a_report_holds_all_that_is_on_record(lab: Path) -> None:
    (lab / "answers.md").write_text("# 1a\n\nOurs.\n", encoding="utf-8")
    text = text_of(Report(lab).pdf())
    for part in (
        "Exercise 4c: Vanishing gradients, cured",
        "Ours.",
        "No answer.",
        "Table 1: Forward pass",
        "Settings of “Two networks for Eckerle4”",
        "Results of “Two networks for Eckerle4”",
        "Figure 1: Learning curves",
        "Own results and those of the reference on record",
        "0.1025",  # the mean test loss of eckerle4-a: 0.1 + 0.00123 * 2
        "0.0019",  # its standard deviation: 0.00123 * sqrt(2.5)
        "0.1000 to 0.1049",
    ):
        assert part in text
    key = next(iter(Report(lab).lab.results["eckerle4-a"].records.values())).key
    assert key[:16] in text


def test_values_are_rounded_to_what_their_interval_supports(
    answer: Callable[[str], Report],
) -> None:
    names = ["test_loss", "test_loss.sd", "test_loss.n", "test_loss.max", "hidden_layers"]
    text = "|".join(f"{{{{ value:eckerle4-b.{name} }}}}" for name in names)
    assert "0.0525|0.0019|5|0.0549|20-20" in text_of(answer(f"{text} ok").pdf())


def test_references_lead_to_tables_and_figures_anywhere(answer: Callable[[str], Report]) -> None:
    text = "See {{ ref:table:eckerle4 }}, {{ ref:figure:learning-curves:eckerle4 }}."
    printed = text_of(answer(text).pdf())
    assert "See Table 5, Figure 1." in printed


def test_german_reports_speak_german(lab: Path) -> None:
    change(lab, 'language = "en"', 'language = "de"')
    (lab / "answers.md").write_text(
        "# Aufgabe 2b\n\nSiehe {{ ref:table:eckerle4 }}: {{ value:eckerle4-a.test_loss.full }}\n",
        encoding="utf-8",
    )
    pdf = Report(lab).pdf()
    reader, text = read(pdf), text_of(pdf)
    assert "24. November 2026" in text and "Inhalt" in text
    assert "Siehe Tabelle 5: 0,1025 (n = 5, 95-%-Intervall 0,1000 bis 0,1049)" in text
    assert reader.trailer["/Root"]["/Lang"] == "de"  # type: ignore[index]


def test_what_is_not_on_record_is_marked(new_lab: Path) -> None:
    text = text_of(Report(new_lab).pdf())
    assert "missing: table:eckerle4" in text
    assert "missing: value:eckerle4-a.test_loss.full" in text


def test_names_with_signs_of_other_languages_are_printed(lab: Path) -> None:
    name = 'Zoë "O\'Neil" #1 \\\\input{x} $y$ @me *b* _i_ [z] `c` ~ // é'
    change(lab, '"Your Name"', json.dumps(name).replace("\\\\\\\\", "\\\\"))
    report = Report(lab)
    assert report.lab.authors[0].name.startswith("Zoë")
    assert report.lab.authors[0].name in text_of(report.pdf())


def test_japanese_and_chinese_names_are_printed(lab: Path) -> None:
    change(lab, '"Your Name"', '"山田太郎 王小明"')
    report = Report(lab)
    assert "山田太郎 王小明" in text_of(report.pdf())
    assert report.warnings == []


def test_ten_authors_and_very_long_names_fit(lab: Path) -> None:
    longest = "Wolfeschlegelsteinhausenbergerdorff" * 6
    authors = "".join(
        f'[[author]]\nname = "{longest} {n}"\nmatriculation = "{n * 10**9}"\n'
        f'email = "{longest}{n}@example.org"\n'
        for n in range(1, 11)
    )
    change(lab, "# Exercise 2b", f"{authors}# Exercise 2b")
    change(lab, 'title = "Lab 4', f'title = "{longest} Lab 4')
    reader = read(Report(lab).pdf())
    assert reader.metadata is not None and reader.metadata.author is not None
    assert reader.metadata.author.count(longest) == 10


@pytest.mark.parametrize(
    ("character", "message"),
    [("\U00016a70", "no font has \U00016a70"), ("\ue123", "U+E123 has no meaning")],
)
def test_a_character_without_font_is_printed_as_its_number(
    answer: Callable[[str], Report], character: str, message: str
) -> None:
    report = answer(f"A rare sign: {character}.")
    pdf = report.pdf()
    assert f"{ord(character):X}" in text_of(pdf)
    assert is_archivable(pdf)
    assert message in " ".join(finding.message for finding in report.findings)


@pytest.mark.parametrize(
    "text", ["As ![](seen.png) shows.", "## {{ ref:table:eckerle4 }}\n\nIt.", "## ![a](seen.png)"]
)
def test_what_a_reader_cannot_hear_costs_no_standard(
    answer: Callable[[str], Report], lab: Path, text: str
) -> None:
    Image.new("RGB", (9, 9)).save(lab / "seen.png")
    report = answer(text)
    assert is_archivable(report.pdf())
    assert report.warnings == []
    assert {"picture", "heading"} & {finding.kind for finding in report.findings}


def test_fonts_of_the_lab_are_used(answer: Callable[[str], Report], lab: Path) -> None:
    # matplotlib's font of last resort has a box for every character.
    last_resort = Path(mpl.get_data_path()) / "fonts" / "ttf" / "LastResortHE-Regular.ttf"
    if not last_resort.is_file():
        pytest.skip("this version of matplotlib has no such font")
    (lab / "fonts").mkdir()
    shutil.copy(last_resort, lab / "fonts")
    report = answer("A rare sign: \U00016a70.")
    report.pdf()
    assert report.warnings == []


def test_a_formula_that_is_not_understood_is_reported(answer: Callable[[str], Report]) -> None:
    report = answer(r"$\unknownmacro{x}$")
    assert r"\unknownmacro{x}" in text_of(report.pdf())
    assert "formula" in {finding.kind for finding in report.findings}


def test_a_report_that_cannot_be_written_says_so(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Report, "pdf", lambda self: b"%PDF")
    with pytest.raises(LabError, match="expected a file or nothing there"):
        Report(lab).write(lab)
    with pytest.raises(LabError, match="cannot be written"):
        Report(lab).write(lab / "no" / "such.pdf")


def test_half_a_megabyte_of_answers_works(lab: Path) -> None:
    marked = "An answer with $x^2$, `code`, *emphasis* and {{ value:eckerle4-a.test_loss }}. "
    paragraph = marked + "It goes on and on, in words that say nothing new. " * 12
    text = "# 2b\n\n" + (paragraph + "\n\n") * 750
    (lab / "answers.md").write_text(text, encoding="utf-8")
    assert len(text) > 5e5
    pages = read(Report(lab).pdf()).pages
    assert len(pages) > 60
    assert sum(page.extract_text().count("0.1025") for page in pages[:20:10]) > 5


def test_a_notebook_can_do_all_of_it(
    new_lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    report = Report(new_lab)
    assert "missing" in {finding.kind for finding in report.check()}
    report.run()
    assert "missing" not in {finding.kind for finding in report.check()}
    assert report.write(tmp_path / "r.pdf").read_bytes() == Report(new_lab).pdf()
    monkeypatch.setattr("nnbook.lab.pictures.DRAWN", {})  # they were drawn, and are not again
    assert report.write().read_bytes() == (tmp_path / "r.pdf").read_bytes()
    assert all(page.startswith(b"\x89PNG") for page in report.pages(30))


def test_a_notebook_begins_a_lab_and_tries_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    report = Report.new(tmp_path / "mine", "de")
    assert report.lab.cover.language == "de"
    report.run(quick=True)
    assert "eckerle4-b" in capsys.readouterr().out
    assert not (tmp_path / "mine" / "results").exists()
    with pytest.raises(LabError, match="expected a new or an empty folder"):
        Report.new(tmp_path / "mine")

    def never(spec: RunSpec, *_: Any, **options: Any) -> Outcome:
        raise MemoryError("no room")

    monkeypatch.setattr("nnbook.training.engine.train", never)
    with pytest.raises(NNBookError, match="a quick run failed"):
        report.run(quick=True)


def test_a_notebook_reads_the_settings_again(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(lab)
    assert "15. November" not in text_of(report.pdf())
    change(lab, 'language = "en"', 'language = "de"')
    change(lab, 'name = "Your Name"', 'name = "Ada"')
    change(lab, "date = 2026-11-24", "date = 2026-11-15")
    text = text_of(report.pdf())
    assert "15. November" in text
    assert "Ada" in text
    assert report.pdf() == Report(lab).pdf(), "pictures have the words of the other language, too"
    change(lab, "hidden_layers = [8]", "hidden_layers = [9]")
    assert "missing" in {finding.kind for finding in report.check()}
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    change(lab, "hidden_layers = [20, 20]", "hidden_layers = [21]")
    report.run()
    assert Lab.read(lab).results["eckerle4-b"].finished, "it is what the file says now"
    assert "missing" not in {finding.kind for finding in report.check()}
    (lab / "lab.toml").write_text("[lab", "utf-8")
    with pytest.raises(NNBookError, match=r"lab\.toml"):
        report.check()


def test_a_notebook_refuses_a_network_larger_than_memory(lab: Path) -> None:
    change(lab, "hidden_layers = [20, 20]", "hidden_layers = [10000, 10000, 10000, 10000, 10000]")
    with pytest.raises(LabError, match="eckerle4-b: the network is too large"):
        Report(lab).run()


def test_a_report_is_not_written_through_a_link(lab: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis.pdf"
    other.write_bytes(b"mine")
    (lab / "report.pdf").symlink_to(other)
    with pytest.raises(LabError, match=r"report\.pdf: expected a file or nothing there"):
        Report(lab).write()
    assert other.read_bytes() == b"mine"


def test_fonts_are_not_read_through_a_link(lab: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (lab / "fonts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LabError, match="fonts: expected no link here"):
        Report(lab).pdf()


@pytest.mark.parametrize("library", ["pypandoc", "typst"])
def test_without_its_libraries_a_report_says_what_to_install(
    lab: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(LabError, match=r'pip install "nnbook\[lab\]"'):
        Report(lab).pdf()


def test_a_long_table_goes_on_over_pages_with_its_head(answer: Callable[[str], Report]) -> None:
    rows = "".join(f"| row-{number} | {number} |\n" for number in range(120))
    report = answer(f"| Headword | b |\n|---|--:|\n{rows}")
    texts = [page.extract_text() for page in read(report.pdf()).pages]
    assert report.warnings == []
    holding = [text for text in texts if "row-" in text]
    assert len(holding) >= 3
    assert all(text.count("Headword") == 1 for text in holding)
    counts = [text.count("row-") for text in holding]
    assert sum(counts) == 120
    assert max(counts) < 60  # more would not fit below each other


def test_long_code_in_a_line_is_broken(answer: Callable[[str], Report]) -> None:
    name = "averylongidentifierthatgoeson_"
    pages = read(answer(f"A name: `{name * 9}`.").pdf()).pages
    lines = [line for page in pages for line in page.extract_text().splitlines()]
    assert sum(name in line for line in lines) >= 3
    assert all(line.count(name) <= 3 for line in lines)
