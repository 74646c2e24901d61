import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from nnbook.errors import LabError
from nnbook.lab import Report, declarations
from nnbook.lab.checks import _typed
from nnbook.lab.folder import Lab
from nnbook.lab.language import Words
from nnbook.lab.typed import placeholders_in, prose, without_comments
from nnbook.lab.unsupported import Supported, unsupported
from tests.lab.test_folder import change

Answer = Callable[[str], Report]


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.check()]


def messages(report: Report, kind: str) -> list[str]:
    return [finding.message for finding in report.check() if finding.kind == kind]


def at(path: Path, typed: str) -> str:
    """Return how a message begins about the only line of a file that has a text, or is it."""
    lines = [line.partition("  ")[0].strip() for line in path.read_text("utf-8").splitlines()]
    return f"{path}: line {lines.index(typed) + 1}: "


def test_a_new_lab_lacks_answers_and_runs(new_lab: Path) -> None:
    report = Report(new_lab)
    found = messages(report, "unanswered")
    lines = (new_lab / "answers.md").read_text("utf-8").splitlines()
    for message in found:
        place, _, what = message.partition(": exercise ")
        path, _, number = place.rpartition(": line ")
        assert path == str(new_lab / "answers.md")
        assert lines[int(number) - 1].split()[:2] == ["#", what.split()[0]]
    assert [message.partition(": exercise ")[2] for message in found] == [
        *("1a", "1b", "2a has tables or figures, but no words", "3", "4a", "4b", "4c"),
    ]
    missing = messages(report, "missing")
    declared = at(new_lab / "lab.toml", 'name = "eckerle4-a"')
    assert missing[0].startswith(f"{declared}5 of 5 runs of eckerle4-a; `nnbook lab run ")
    asked = at(new_lab / "answers.md", "{{ table:eckerle4 }}")
    assert any(text.startswith(f"{asked}table:eckerle4 has no runs") for text in missing)
    declared = at(new_lab / "lab.toml", "[experiments.eckerle4]")
    curves = "figure:learning-curves:eckerle4 has no runs"  # in no answer
    assert any(text.startswith(f"{declared}{curves}") for text in missing)
    assert all(": line " in text for text in missing)


def test_other_settings_make_runs_stale(lab: Path) -> None:
    change(lab, "hidden_layers = [8]", "hidden_layers = [9]")
    [message] = [text for text in messages(Report(lab), "missing") if "of 5" in text]
    assert "recorded with other settings" in message


def test_fewer_than_four_repetitions_are_too_few(lab: Path) -> None:
    change(lab, "seeds = 5", "seeds = 3")
    declared = at(lab / "lab.toml", 'name = "eckerle4-a"')
    said = messages(Report(lab), "repetitions")[0]
    assert said.startswith(f"{declared}eckerle4-a is declared with 3")


def test_a_configuration_of_a_grid_has_the_line_of_its_experiment(answer: Answer) -> None:
    report = answer("Nothing.")
    path = report.lab.folder / "lab.toml"
    grid = '[[experiments."other.one".grid]]\nlearning_rate = [0.01, 0.1]\n[compare]'
    other = """
[experiments."other.one"]
title = "t"
question = "q"
seeds = 2
base = {data = "eckerle4", hidden_layers = [2], epochs = 1, batch_size = 7}
"""
    change(report.lab.folder, "[compare]", other + grid)
    declared = at(path, '[experiments."other.one"]')
    for kind, count in (("missing", 2), ("repetitions", 2), ("unreferenced", 2)):
        said = [text for text in messages(report, kind) if "learning_rate-" in text]
        assert len(said) == count, said
        assert all(text.startswith(declared) for text in said)


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "[",
        "[[ ",
        "[ experiments ",
        "experiments .",
        "name ",
        ", name",
        "{",
        'name="a',
        "'",
        "a.",
    ],
)
def test_no_settings_take_for_ever_to_find_declarations_in(piece: str) -> None:
    begin = time.process_time()
    for start in ("", "[", "[experiments", "[experiments .", '[experiments."', "name", ", name ="):
        declarations.lines_of(start + piece * (200_000 // len(piece)))
    assert time.process_time() - begin < 5


def test_results_that_no_answer_mentions(answer: Answer) -> None:
    report = answer("We found {{ value:eckerle4-a.test_loss }}.")
    declared = at(report.lab.folder / "lab.toml", 'name = "eckerle4-b"')
    assert messages(report, "unreferenced") == [
        f"{declared}no answer shows or mentions the results of eckerle4-b"
    ]


def test_figures_that_no_text_refers_to(answer: Answer) -> None:
    report = answer("{{ table:eckerle4 }}\n\nIt says it all.")
    asked = at(report.lab.answers_path, "{{ table:eckerle4 }}")
    assert messages(report, "unreferenced") == [
        f"{asked}no text refers to it: {{{{ ref:table:eckerle4 }}}}"
    ]
    report = answer("{{ table:eckerle4 }}\n\n{{ ref:table:eckerle4 }} says it all.")
    assert "unreferenced" not in kinds(report)


def test_numbers_typed_by_hand_although_they_are_on_record(answer: Answer) -> None:
    report = answer("A loss of 0.1025 (sd 0,00194),\nthe learning rate 0.020.\n\nAlso 0.333.")
    path = report.lab.answers_path
    assert messages(report, "typed") == [
        f"{path}: line 3: 0.1025 is on record; write {{{{ value:eckerle4-a.training_loss }}}}",
        f"{path}: line 3: 0,00194 is on record; write {{{{ value:eckerle4-a.training_loss.sd }}}}",
    ]


def test_numbers_in_sentences_about_results_that_no_record_supports(answer: Answer) -> None:
    report = answer(
        "The accuracy is 0.9987, the test loss 0,1025 with a rate of 0.0200.\n\n"
        "Der Fehler: 12.34 %.\n\nNIST has a width of 4.0888, and `loss 0.777`.\n\n"
        "The two losses differ by 0.0500.\n"
    )
    hint = "if it was measured here, a placeholder says it, if not, say where it comes from"
    assert messages(report, "unsupported") == [
        f"{report.lab.answers_path}: line 3: 0.9987 is on no record and no setting; {hint}",
        f"{report.lab.answers_path}: line 5: 12.34 is on no record and no setting; {hint}",
    ]


BOTH = ["98.71", "99.123"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Die Genauigkeit beträgt $0{,}9987$.", ["0{,}9987"]),
        ("The accuracies are 0.9987.", ["0.9987"]),
        ("An error rate of 3.54 %, measured on 24.12.2026 with Keras 3.15.1.", []),
        ("An accuracy of 96.46 % and an error rate of 3.55 %.", ["3.55"]),
        ("We reached 98.71 % on the test set, and 99.123 percent on all training images.", BOTH),
        ("Die Werte auf den Testdaten: 98,71 % und 99,123 Prozent.", ["98,71", "99,123"]),
        ("We reached 96.46 % on the test set.", []),
        ("A dropout of 12.5 % while training; 33.33 % of the data are for the test set.", []),
    ],
)
def test_which_numbers_of_a_line_no_record_supports(line: str, expected: list[str]) -> None:
    records = Supported([[{"test_accuracy": 0.9646}]])
    language = Words("de" if line.startswith("Die") else "en")
    assert [typed for _, typed in unsupported([line], records, language)] == expected


RECORDS = Supported(
    [[{"test_accuracy": 0.9646, "test_loss": 0.1234, "training_loss": 0.0777}]], [0.025]
)


def unsupported_in(text: str, language: str = "en") -> list[tuple[int, str]]:
    return list(unsupported(text.splitlines(), RECORDS, Words(language)))


@pytest.mark.parametrize("text", ["", "\n\n", "# A heading\n"])
def test_a_text_without_sentences_has_no_numbers(text: str) -> None:
    assert unsupported_in(text) == []


def test_a_sentence_may_run_over_two_lines() -> None:
    assert unsupported_in("The accuracy that we\nmeasured is 0.987, and\nthat is good.") == [
        (2, "0.987")
    ]
    # The second sentence is about something else, and so is another paragraph or item.
    for text in (
        "The accuracy rises. A width\nof 0.987 is given.",
        "The accuracy rises.\nA width of 0.987 is given.",
        "The accuracy rises\n\nA width of 0.987 is given.",
        "- The accuracy rises\n- A width of 0.987 is given.",
    ):
        assert unsupported_in(text) == []
    assert unsupported_in("The accuracy is approx. 0.987 here.") == [(1, "0.987")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The network recognizes 98.71 % of the digits.", "en"),
        ("It classifies 98.71 % as they are.", "en"),
        ("98.71 % are correct.", "en"),
        ("Das Netz erkennt 98,71 % der Ziffern.", "de"),
        ("98,71 % werden erkannt.", "de"),
        ("Es klassifiziert 98,71 % korrekt.", "de"),
    ],
)
def test_there_are_many_words_for_an_accuracy(text: str, language: str) -> None:
    assert [typed for _, typed in unsupported_in(text, language)] == [
        "98.71" if language == "en" else "98,71"
    ]
    known = text.replace("98.71", "96.46").replace("98,71", "96,46")
    assert unsupported_in(known, language) == []


def test_cells_of_a_table_are_about_what_its_head_says() -> None:
    table = (
        "| network | test accuracy | width |\n|:--|--:|--:|\n"
        "| a | 0.9646 | 7.654 |\n| b | 0.9871 | 8.765 |\n"
    )
    assert unsupported_in(table) == [(4, "0.9871")]
    turned = "| | a | b |\n|---|---|---|\n| test loss | 0.1234 | 0.4567 |\n| width | 7.654 | 1 |"
    assert unsupported_in(turned) == [(3, "0.4567")]
    by_caption = "| a | training | test |\n|---|---|---|\n| 7.654 | 0.4567 | 0.1234 |\n\n: Losses"
    assert unsupported_in(by_caption) == [(3, "0.4567")]
    grid = "+---+---+\n| loss | b |\n+===+===+\n| 0.4567 | x |\n+---+---+"
    assert unsupported_in(grid) == [(4, "0.4567")]


def test_thousands_are_no_decimals() -> None:
    assert unsupported_in("The error of 1,000 runs on 60,000 images.") == []
    assert unsupported_in("Der Fehler von 1.000 Läufen mit 60.000 Bildern.", "de") == []
    assert unsupported_in("The loss is 1,234.5 after $1{,}000$ epochs.") == [(1, "1,234.5")]
    assert unsupported_in("The loss is 0,125, as they write it in Rome.") == [(1, "0,125")]
    assert unsupported_in("Der Verlust beträgt 0,125 nach 1.000 Epochen.", "de") == [(1, "0,125")]


def test_a_number_must_be_on_record_for_the_metric_that_is_spoken_of() -> None:
    assert unsupported_in("The accuracy is 0.1234.") == [(1, "0.1234")]
    assert unsupported_in("The loss is 0.9646.") == [(1, "0.9646")]
    assert unsupported_in("The test loss is 0.0777.") == [(1, "0.0777")]
    page = ["The accuracy is 0.1234, or 0.4567."]
    assert [n for _, n in unsupported(page, RECORDS, Words("en"), by_metric=False)] == ["0.4567"]
    for text in (
        "The accuracy is 0.9646, the loss 0.1234.",
        "The test loss is 0.1234, that of training 0.0777.",
        "After training the loss is 0.1234.",
        "The error is 3.54 %, or 0.1234.",
        "The mean squared error is 0.1234.",
        "The accuracy with a rate of 0.0250.",
    ):
        assert unsupported_in(text) == [], text


def test_an_answer_of_one_letter_is_none(answer: Answer) -> None:
    report = answer("x")
    said = "exercise 2b has no word of two letters"
    assert f"{report.lab.answers_path}: line 1: {said}" in messages(report, "unanswered")
    assert said not in "".join(messages(answer("no"), "unanswered"))


@pytest.mark.parametrize(
    ("heading", "line"),
    [("# 2b", 9), ("#  Exercise 2b: Eckerle4 {#fit}", 9), ("2b Eckerle4\n===", None)],
)
def test_where_an_exercise_begins(lab: Path, heading: str, line: int | None) -> None:
    text = "# 1a\n\nIt says:\n\n```\n# 2b\n```\n\n"
    (lab / "answers.md").write_text(f"{text}{heading}\n\nx\n", "utf-8")
    path = lab / "answers.md"
    place = f"{path}: line {line}: " if line else f"{path}: "
    [said] = [text for text in messages(Report(lab), "unanswered") if "exercise 2b" in text]
    assert said == f"{place}exercise 2b has no word of two letters"
    assert f"{path}: exercise 1b" in messages(Report(lab), "unanswered")


def test_placeholders_without_an_end_are_named_with_their_line(answer: Answer) -> None:
    report = answer(
        "One {{ value:eckerle4-a.test_loss } is $\\frac{{a}b}{c}$.\n\n"
        "Other: {{show:table:eckerle4\n}}\n\n`{{ value:x` <!-- {{ table:x -->, "
        "{{ value:eckerle4-a.test_loss }}, {{ values, {{"
    )
    [one, other] = messages(report, "braces")
    path = report.lab.answers_path
    assert one.startswith(f"{path}: line 3: {{{{ value:eckerle4-a.test_loss is printed as it was")
    assert other.startswith(f"{path}: line 5: {{{{ show:table:eckerle4 is printed")


def test_a_metric_that_an_experiment_has_not_is_refused_with_its_line(answer: Answer) -> None:
    with pytest.raises(LabError, match=r"line 3: .*: eckerle4-a has no metric or setting 'test_ac"):
        answer("It is {{ value:eckerle4-a.test_accuracy }}.").check()


def test_code_and_comments_are_no_typed_numbers(answer: Answer) -> None:
    report = answer("`0.1025` <!-- 0.1025 -->\n\n```\n0.1025\n```\n")
    assert "typed" not in kinds(report)


@pytest.mark.parametrize(
    "text",
    [
        "{{" + " " * 50_000,
        "{{ " * 50_000,
        "<!-- " * 50_000,
        "<!-- --> " + "<!-- " * 50_000,
        "](" * 20_000,
        "<b" + " " * 50_000 + "> x",
        "0." + "1" * 50_000,
        " ".join(f"0.{n}" for n in range(20_000, 25_000)),
    ],
    ids=lambda text: text[:12],
)
def test_no_text_keeps_a_pattern_busy(lab: Path, text: str) -> None:
    # Pandoc, which reads the text first, has a limit of its own.
    (lab / "answers.md").write_text(text, encoding="utf-8")
    started = time.process_time()
    assert placeholders_in(text) == []
    without_comments(text)
    assert list(_typed(Lab.read(lab))) == []
    assert time.process_time() - started < 10


def test_formulas_that_are_not_understood(answer: Answer) -> None:
    report = answer(r"$\nonsense{a}$")
    assert messages(report, "formula") == [
        rf"{report.lab.answers_path}: line 3: printed as it was typed: \nonsense{{a}}: "
        r"Undefined control sequence: \nonsense at position 1: \nonsense{a}"
    ]


@pytest.mark.parametrize("piece", ["`", "```\n", "<!--", "](", "~~~ ", "{{ ", "1.1", "https://"])
def test_no_text_takes_for_ever_to_check(piece: str) -> None:
    begin = time.process_time()
    prose(piece * (64_000 // len(piece)))
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "text",
    [
        "a | b\n|" + "- " * 32_000 + "x",
        "|" + "a" * 64_000 + "|\n|--|\n" + "| 0.123 |\n" * 10_000,
        "|test|\n|--|\n" + "| 0.123 |\n" * 10_000 + "\n: " + "a" * 64_000,
    ],
    ids=["rule", "head", "caption"],
)
def test_no_table_takes_for_ever_to_check(text: str) -> None:
    begin = time.process_time()
    assert unsupported_in(text) == []
    assert time.process_time() - begin < 2


def test_numbers_are_looked_for_in_prose_only() -> None:
    text = "a 1\n<!-- 2\n3 -->b `4` c\n```\n5\n```\nd [x](6.png) https://e.org/7\n```\n8"
    assert "".join(filter(str.isdigit, "".join(prose(text)))) == "18"
    assert len(prose(text)) == text.count("\n") + 1


def test_characters_that_no_font_has_are_named_with_line_and_package(lab: Path) -> None:
    change(lab, '"Your Name"', '"\U00016a70"')
    (lab / "answers.md").write_text(
        "# 2b\n\nAs ever.\n\nRare: \U00016a71, \U00016a72.\n\nAgain \U00016a71 and \ue123.\n",
        "utf-8",
    )
    report = Report(lab)
    in_settings, typed, private = messages(report, "characters")
    assert f"{lab / 'lab.toml'}: line " in in_settings and "\U00016a70 (TANGSA" in in_settings
    assert f"{lab / 'answers.md'}: line 5: no font has \U00016a71" in typed
    assert "\U00016a72 (TANGSA" in typed
    assert "Noto Sans Tangsa" in typed and "fonts-noto-core" in typed
    assert "line 7: U+E123 has no meaning that all agree on" in private


def test_what_fonts_have_is_no_finding(answer: Answer) -> None:
    report = answer("Ä ß é – “x” Ω Д 山田 e\u0301 $\\mathbb{R}$ `→`")
    assert "characters" not in kinds(report)


def test_a_picture_that_no_text_refers_to(answer: Answer, lab: Path) -> None:
    Image.new("RGB", (4, 4)).save(lab / "own.png")
    report = answer("A sentence.\n\n![What it shows](own.png)")
    said = f"{lab / 'answers.md'}: line 5: no text refers to it: {{{{ ref:image:own.png }}}}"
    assert said in messages(report, "unreferenced")


def test_pictures_without_words_for_those_who_do_not_see_them(answer: Answer, lab: Path) -> None:
    Image.new("RGB", (9, 9)).save(lab / "seen.png")
    Image.new("RGB", (9, 9)).save(lab / "line.png")
    report = answer("As ![](line.png) shows.\n\n![What it shows](seen.png)")
    [message] = messages(report, "picture")
    assert message.startswith(f"{lab / 'answers.md'}: line 3: 'line.png' has no alternative text")
    assert "![what it shows](line.png)" in message


def test_headings_without_words(answer: Answer) -> None:
    report = answer(
        "{{ table:eckerle4 }}\n\n## {{ ref:table:eckerle4 }}\n\nThat.\n\n"
        "## Good {{ ref:table:eckerle4 }}"
    )
    [message] = messages(report, "heading")
    assert "answers.md: line 5: a heading of nothing but {{ ref:table:eckerle4 }}" in message
