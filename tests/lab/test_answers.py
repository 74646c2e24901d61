"""Answers are not trusted: what a student types is printed or refused, and never carried out."""

import hashlib
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from nnbook.errors import LabError
from nnbook.lab import Report, pandoc, typst
from nnbook.lab.answers import read_answers
from nnbook.lab.confined import Limits
from nnbook.lab.elements import ReportElements
from nnbook.lab.own_pictures import width_of
from nnbook.lab.pandoc import ZERO_WIDTH_SPACE, plain_text, write_typst
from tests.lab.conftest import text_of

Answer = Callable[[str], Report]


TEXT_WIDTH = (210 - 2 * 24) * 72 / 25.4  # pt


def widths_of_pictures(pdf: bytes) -> list[float]:
    """Return how wide the pictures of a report are, in points."""
    found: list[float] = []

    def drawn(operator: bytes, _: Any, matrix: list[float], __: Any) -> None:
        if operator == b"Do":
            found.append(matrix[0])

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_operand_before=drawn)
    return found


def typst_of(report: Report) -> str:
    answers = read_answers(report.lab, ReportElements(report.lab))
    return write_typst(answers.sections["2b"]).code


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("TOPSECRET")
    return path


@pytest.mark.parametrize(
    "attack",
    [
        '#read("{path}")',
        '`#read("{path}")`{{=typst}}',
        '```{{=typst}}\n#read("{path}")\n```',
        '```{{=html}}\n<object data="{path}"></object>\n```',
        "\\input{{{path}}}",
        "\\immediate\\write18{{cat {path}}}",
        "\\begin{{filecontents}}{{x}}\\input{{{path}}}\\end{{filecontents}}",
        "$\\input{{{path}}}$",
        '$#read("{path}")$',
        '$\\text{{" #read("{path}") "}}$',
        '$x$(read("{path}"))',
        '$x$.foo(read("{path}"))',
        '$x$] #read("{path}") [',
        '$\\unknown$] #read("{path}"), [',
        '<embed src="{path}"><script src="{path}"></script>',
        '[text]{{typst:text:fill="red); #read(\\"{path}\\")"}}',
        ':::{{typst:block:fill="red); #read(\\"{path}\\")"}}\nx\n:::',
        '| a |\n|---|\n| b |\n\n: c {{typst:x="1); #read(\\"{path}\\")"}}',
        "[link](file://{path})",
        '<a href="{path}">x</a>',
        '"#read(\\"{path}\\")"',
        "<{path}>",
        "[x]: {path}\n\n[x]",
        "---\nx: !include {path}\n---\n\ny",
        "@{path}",
        '\\#read("{path}")',
    ],
)
def test_text_reads_no_files(print_answer: Callable[[str], str], secret: Path, attack: str) -> None:
    text = print_answer(f"Before.\n\n{attack.format(path=secret)}\n\nAfter.")
    assert "TOPSECRET" not in text
    assert "Before." in text and "After." in text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ('#read("/etc/passwd")', "#read(“/etc/passwd”)"),
        ("\\input{/etc/passwd} x", "\\input{/etc/passwd} x"),
        ("`#panic()`{=typst}", "#panic()"),
        ("a <b>bold</b> move", "a <b>bold</b> move"),
        ("a // b /* c */ d", "a // b /* c */ d"),
        ("= no heading", "= no heading"),
        ("x = $y$(z) [w]", "(z) [w]"),
        ("me@example.org and @ref and 5 $ and ~ ^", "me@example.org and @ref and 5 $ and ~ ^"),
        ("C:\\new\\table", "C:\\new\\table"),
        ("“Ünïcödé” ‚x‘ Ωλ ≤ ½ – —", "“Ünïcödé” ‚x‘ Ωλ ≤ ½ – —"),
        ("a <!-- never shown --> b", "a b"),
        ("`{{ code }}`", "{{ code }}"),
    ],
)
def test_text_is_printed_as_it_was_typed(
    print_answer: Callable[[str], str], typed: str, printed: str
) -> None:
    assert printed in print_answer(typed)


def test_attributes_do_not_reach_typst(answer: Answer) -> None:
    report = answer('[a]{#i .c typst:text:fill="red"} ![](x.png){typst:x=1}')
    (report.lab.folder / "x.png").write_bytes(PNG)
    assert "fill" not in typst_of(report)
    assert "typst:x" not in typst_of(report)


def test_links_lead_to_the_web_only(answer: Answer) -> None:
    code = typst_of(answer("[a](javascript:x) [b](#c) [d](https://e.org/f_g) [h](../i.md)"))
    assert code.count("#link") == 1


def test_a_placeholder_in_a_formula_is_a_number(answer: Answer) -> None:
    code = typst_of(answer("$L = {{ value:eckerle4-a.test_loss }}$ and $x_{{i}}$"))
    assert "0.1025" in code and "attach(x, b: i)" in code


def test_environments_of_latex_are_formulas(answer: Answer) -> None:
    code = typst_of(answer("\\begin{align} a &= b \\\\ c &= d \\end{align}"))
    assert r"display(a)&, &display(#h(0.2778em)\=b)" in code


def test_levels_of_headings_are_not_skipped(answer: Answer) -> None:
    code = typst_of(answer("#### Deep\n\n> # Quoted\n\n##### Deeper"))
    assert [line for line in code.splitlines() if line.strip().startswith("=")] == [
        "== Deep",
        "== Quoted",
        "=== Deeper",
    ]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def test_pictures_in_the_folder_are_shown(answer: Answer, lab: Path) -> None:
    (lab / "bild ä.png").write_bytes(PNG)
    report = answer("![A caption](<bild ä.png>) \n\nsee {{ ref:image:bild%20ä.png }}")
    answers = read_answers(report.lab, ReportElements(report.lab))
    assert answers.pictures == ["image:bild%20ä.png"]
    assert answers.picture_digests == [hashlib.sha256(PNG).hexdigest()]
    assert "A caption" in text_of(report.pdf())


def test_a_picture_in_a_line_has_no_number_to_refer_to(answer: Answer, lab: Path) -> None:
    (lab / "a.png").write_bytes(PNG)
    report = answer("Here ![A caption](a.png) it is.")
    assert not [item for item in report.check() if "image:a.png" in str(item)]
    assert len(read_answers(report.lab, ReportElements(report.lab)).picture_digests) == 1
    report = answer("Here ![A caption](a.png) it is.\n\nSee {{ ref:image:a.png }}.")
    with pytest.raises(LabError, match=r"line \d+: .*it stands in a line; .*paragraph of its own"):
        report.check()


@pytest.mark.parametrize(
    "around",
    [
        "- a\n\n  {}\n",
        "> {}\n",
        "a\n\n:   {}\n",
        "::: {{.a}}\n{}\n:::\n",
        "a[^1]\n\n[^1]: b\n\n    {}\n",
    ],
)
def test_a_picture_can_be_referred_to_wherever_it_has_a_paragraph(
    answer: Answer, lab: Path, around: str
) -> None:
    (lab / "a.png").write_bytes(PNG)
    report = answer(around.format("![A caption](a.png)") + "\nSee {{ ref:image:a.png }}.")
    assert "A caption" in text_of(report.pdf())


@pytest.mark.parametrize("around", ["{}", "A line with {} in it."])
@pytest.mark.parametrize(
    ("width", "points"),
    [
        ("200px", 150),
        ("200", 150),
        ("30%", 0.3 * TEXT_WIDTH),
        ("2in", 144),
        ("10em", 105),
        ("4cm", 4 * 72 / 2.54),
        ("40mm", 4 * 72 / 2.54),
        ("100pt", 100),
        ("30cm", TEXT_WIDTH),  # as wide as the text at most
        ("90em", TEXT_WIDTH),
        ("200%", TEXT_WIDTH),
        ("0px", 30),  # as large as it is
        ("wide", 30),
    ],
)
def test_a_picture_is_as_wide_as_it_says(
    answer: Answer, lab: Path, around: str, width: str, points: float
) -> None:
    Image.new("RGB", (40, 10)).save(lab / "a.png", dpi=(96, 96))
    drawn = answer(around.format(f"![It](a.png){{width={width}}}")).pdf()
    assert widths_of_pictures(drawn) == [pytest.approx(points, abs=0.5)]


@pytest.mark.parametrize("around", ["{}", "A line with {} in it."])
@pytest.mark.parametrize("width", ["10cm", "100%", "2000px"])
def test_a_high_picture_is_no_higher_than_half_a_page(
    answer: Answer, lab: Path, around: str, width: str
) -> None:
    Image.new("RGB", (20, 100)).save(lab / "a.png")
    drawn = answer(around.format(f"![It](a.png){{width={width}}}")).pdf()
    assert widths_of_pictures(drawn) == [pytest.approx(130 * 72 / 25.4 / 5, abs=0.5)]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("../secret.png", "this is outside"),
        ("/etc/passwd", "this is outside"),
        ("..%2fsecret.png", "this is outside"),
        ("link.png", "this is outside"),
        ("folder/../../secret.png", "this is outside"),
        ("https://example.org/x.png", "not an address"),
        ("file:///etc/passwd", "not an address"),
        ("data:image/png;base64,AAAA", "not an address"),
        ("lab.toml", "expected .png"),
        ("pictrue.png", "no such file, did you mean 'picture.png'"),
        ("a\\0b.png", "no such file"),
        ("pipe.png", "expected a file, this is none"),
        ("folder.png", "expected a file, this is none"),
        ("pip.png", "no such file, did you mean 'picture.png'|known are 'picture.png'$"),
    ],
)
def test_other_pictures_are_refused(
    answer: Answer, lab: Path, tmp_path: Path, target: str, message: str
) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    (lab / "picture.png").write_bytes(PNG)
    (lab / "link.png").symlink_to(tmp_path / "secret.png")
    (lab / "folder.png").mkdir()
    os.mkfifo(lab / "pipe.png")
    with pytest.raises(LabError, match=message):
        answer(f"![x]({target})").pdf()


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="9" height="9">{}<rect width="5" height="5"/></svg>'
)


@pytest.mark.parametrize("name", ["{folder}/outside.png", "../outside.png", "lab/../outside.png"])
def test_a_picture_that_refers_to_others_is_refused(
    answer: Answer, lab: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "outside.png").write_bytes(PNG)
    image = f'<image xlink:href="{name.format(folder=tmp_path)}" width="9" height="9"/>'
    (lab / "x.svg").write_text(SVG.format(image))
    with pytest.raises(LabError, match="failed to load linked image"):
        answer("![x](x.svg)").pdf()


def test_a_picture_that_refers_to_texts_gets_none(answer: Answer, lab: Path, secret: Path) -> None:
    (lab / "x.svg").write_text(SVG.format(f'<text><tref xlink:href="{secret}"/></text>'))
    text = text_of(answer("![The words below it](x.svg)").pdf())
    assert "The words below it" in text and "TOPSECRET" not in text


def test_a_picture_that_is_none_is_refused(answer: Answer, lab: Path) -> None:
    (lab / "x.png").write_bytes(b"no picture")
    with pytest.raises(
        LabError, match=r"line 5: picture 'x\.png': the file is damaged, or no \.png"
    ):
        answer("x.png:\n\n![x](x.png)").pdf()
    with pytest.raises(LabError, match=r"line 3: picture 'y\.png': no such file"):
        answer("![x](y.png)").pdf()
    (lab / "z.svg").write_text("<svg")
    with pytest.raises(LabError, match=r"line 4: picture 'z\.svg': cannot be set"):
        answer("\n![x](z.svg)").pdf()
    (lab / "x.png").write_bytes(PNG)
    with pytest.raises(LabError, match=r"line 7: picture 'x\.png' is shown twice"):
        answer("![x](x.png)\n\ny\n\n![y](x.png)").pdf()


def test_a_picture_that_unpacks_to_an_enormous_one_is_refused(answer: Answer, lab: Path) -> None:
    Image.new("1", (9000, 9000)).save(lab / "x.png")
    assert (lab / "x.png").stat().st_size < 100_000
    with pytest.raises(LabError, match="expected at most 50 million pixels"):
        answer("![x](x.png)").pdf()


def test_entities_in_a_picture_do_not_expand_forever(answer: Answer, lab: Path) -> None:
    entities = '<!ENTITY a0 "x">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    (lab / "x.svg").write_text(
        f'<!DOCTYPE svg [{entities}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        "<text>&a11;</text></svg>"
    )
    with pytest.raises(LabError, match="cannot be set"):
        answer("![x](x.svg)").pdf()


FILTER = (
    '<filter id="f" x="0" y="0" width="100000" height="100000" filterUnits="userSpaceOnUse">'
    '<feTurbulence baseFrequency="0.1" numOctaves="9"/></filter>'
    '<rect width="9" height="9" filter="url(#f)"/>'
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FILTER, "picture 'bad.svg': cannot be set: it needs more (time|memory)"),
        ("<rect", "picture 'bad.svg': cannot be set: failed to parse SVG"),
    ],
)
def test_a_picture_that_cannot_be_set_is_named(
    answer: Answer, lab: Path, content: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typst, "TRIAL_LIMITS", Limits(1, 2**30, 2**20))
    (lab / "good.svg").write_text(SVG.format(""))
    (lab / "bad.svg").write_text(SVG.format(content))
    with pytest.raises(LabError, match=message):
        answer("![x](good.svg)\n\n![x](bad.svg)").check()


@pytest.mark.parametrize("opener", ["<!--", "<a b=", "[", r"\begin{align}"])
def test_what_is_opened_ten_thousand_times_is_printed(answer: Answer, opener: str) -> None:
    lab = answer(10_000 * opener).lab
    sections = read_answers(lab, ReportElements(lab)).sections
    assert plain_text(sections["2b"]).replace(ZERO_WIDTH_SPACE, "").count(opener) == 10_000


@pytest.mark.parametrize(
    ("asked", "width"),
    [
        ("50%", "50%"),
        ("96px", "72pt"),
        ("96", "72pt"),
        ("2.5in", "2.5in"),
        ("10em", "10em"),
        ("4cm", "4cm"),
        ("40mm", "40mm"),
        ("0cm", "auto"),
        ("1e9cm", "auto"),
        ("5cm)#panic(", "auto"),
    ],
)
def test_the_width_of_a_picture_is_what_is_asked_for(asked: str, width: str) -> None:
    assert width_of(["", [], [["width", asked]]]) == width


@pytest.mark.parametrize("name", ["answers.md", "lab.toml", "x.png"])
def test_a_hard_link_is_refused(lab: Path, tmp_path: Path, name: str) -> None:
    (lab / "x.png").write_bytes(PNG)
    (lab / "answers.md").write_text("# 2b\n\n![x](x.png)\n", encoding="utf-8")
    (tmp_path / "other").hardlink_to(lab / name)
    with pytest.raises(LabError, match=rf"{name}: expected a file of its own"):
        Report(lab).check()


@pytest.mark.parametrize("name", ["answers.md", "lab.toml"])
def test_a_link_out_of_the_folder_is_refused(lab: Path, secret: Path, name: str) -> None:
    (lab / name).unlink()
    (lab / name).symlink_to(secret)
    with pytest.raises(LabError, match="this link leads outside"):
        Report(lab).pdf()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# 7\n", "heading '7': expected the number of an exercise first, received '7'"),
        ("# 1a\n# Exercise 1a: again\n", "two sections answer exercise 1a"),
        ("Hello\n\n# 1a\n", "text before the first exercise: 'Hello'"),
        ("# 2b\n\n{{ tabel:x }}", "line 3: {{ tabel:x }}: unknown placeholder 'tabel', did you"),
        ("# 2b\n\nx {{ table:eckerle4 }}", "line 3: .* in a paragraph of its own"),
        ("# 2b\n\n{{ table:eckerle }}", "line 3: .*'eckerle', did you mean 'eckerle4'"),
        ("# 2b\n\n{{ figure:curves:eckerle4 }}", "unknown figure 'curves'"),
        ("# 2b\n\n{{ figure:weights:eckerle4 }}", "expected a configuration"),
        ("# 2b\n\n{{ figure:weights:eckerle4-a }}", "give it probes = true"),
        ("# 2b\n\n{{ value:eckerle4-a }}", "expected a metric"),
        ("# 2b\n\n{{ value:eckerle4-z.test_loss }}", "no configuration 'eckerle4-z'"),
        ("# 2b\n\n{{ value:eckerle4-a.tset_loss }}", "did you mean 'test_loss'"),
        ("# 2b\n\n{{ value:eckerle4-a.test_loss.std }}", "unknown statistic 'std'"),
        ("# 2b\n\n{{ ref:table:eckerle5 }}", "no such table or figure, did you mean"),
        ("# 2b\n\n{{ }}", "unknown placeholder ''"),
        ("# 2b\n\n{{ comparison:x }}", "expected {{ comparison }} alone"),
        ("# 2b\n\n{{ table:eckerle4 }}\n\n{{ table:eckerle4 }}", "is there twice"),
        ("# 1a\n" + ">" * 2000 + " deep", r"answers\.md: nested too deeply"),
    ],
)
def test_what_cannot_be_is_refused_in_one_message(lab: Path, text: str, message: str) -> None:
    (lab / "answers.md").write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match=message):
        Report(lab).pdf()


def test_no_answers_are_refused(lab: Path) -> None:
    (lab / "answers.md").unlink()
    with pytest.raises(LabError, match=r"answers.md: missing"):
        Report(lab)._document(None)


def test_control_characters_are_made_visible(answer: Answer) -> None:
    assert "a�b" in json.dumps(typst_of(answer("a\x07b")), ensure_ascii=False)


def test_a_very_long_word_is_written_in_parts_and_printed_whole(answer: Answer) -> None:
    word = "/" * 300 + "<!--" * 200 + "a" * 300
    node = pandoc.string(typst.breakable(word))
    parts = pandoc._with_formulas([node], {})
    assert max(len(part["c"]) for part in parts) <= pandoc.LONGEST_PART
    assert "".join(part["c"] for part in parts) == node["c"]
    printed = text_of(answer(f"Words {word} and more.").pdf())
    printed = re.sub(r"[\s\u200b]", "", printed)
    assert "/" * 300 in printed and "a" * 300 + "andmore." in printed
    assert printed.count("<!--") >= 190  # some are broken by the foot of a line


def test_ampersands_without_end_are_no_entities(answer: Answer) -> None:
    closed, words = pandoc._without_open_ones(f"A &amp; b {'&' * 5000}; c &lt; d")
    assert list(words.values()) == ["&"] and closed.count("&") == 2
    printed = text_of(answer(f"A &amp; b &lt; c, {'&' * 3000} and more.").pdf())
    assert "A & b < c" in printed and printed.count("&") == 3001


def test_what_stands_in_for_many_signs_is_short_and_in_no_text() -> None:
    used = "".join(pandoc.RARE_LETTERS[:3])
    closed, words = pandoc._without_open_ones(f"{used} " + "![" * 300 + "&" * 600 + "`" * 600)
    assert sorted(words.values()) == ["&", "[", "`"]
    assert all(len(word) == 1 and word not in used for word in words)
    closed, words = pandoc._without_open_ones("".join(pandoc.RARE_LETTERS) + " " + "![" * 300)
    assert list(words.values()) == ["["] and closed.count(next(iter(words))) == 300


def test_arguments_of_commands_without_end_are_printed_as_typed() -> None:
    closed, words = pandoc._without_open_ones("$\\frac{1}{2}$ a " + "\\foo{" * 300)
    assert list(words.values()) == ["{"] and closed.startswith("$\\frac{1}{2}$ a ")
    assert closed.count("{") == 2
    blocks = json.dumps(pandoc.read_markdown("$\\frac{1}{2}$ a " + "\\foo{" * 300))
    assert blocks.count("foo{") == 300 and "\\\\frac{1}{2}" in blocks


def test_formulas_without_end_are_printed_as_typed() -> None:
    closed, words = pandoc._without_open_ones(r"\(a\) b " + r"\(" * 300)
    assert list(words.values()) == [r"\("] and closed.startswith(r"\(a\) b ")
    assert closed.count(r"\(") == 1
    (*first, last), *_ = (block["c"] for block in pandoc.read_markdown(r"\(a\) b " + r"\(" * 300))
    assert [node["c"][1] for node in first if node["t"] == "Math"] == ["a"]
    assert last["c"] == r"\(" * 300


def test_of_many_backticks_none_is_code_but_elsewhere_they_are() -> None:
    long_code = f"`{'a' * 600}`"
    closed, words = pandoc._without_open_ones(f"{'`' * 600} {long_code} `b`")
    assert list(words.values()) == ["`"] and closed.endswith(f" {long_code} `b`")


def test_addresses_without_end_are_no_links() -> None:
    closed, _ = pandoc._without_open_ones(f"[b](https://b.org) {'[a](' * 300}) c")
    assert closed.count("](") == 1
    assert closed.startswith("[b](https://b.org) ")


def test_a_slash_at_the_start_of_a_line_is_a_slash(answer: Answer) -> None:
    printed = text_of(answer("Words.\n\n\\/ begins.\n\n1. / item\n\na / b").pdf())
    assert "/ begins." in printed and "/ item" in printed and "a / b" in printed
