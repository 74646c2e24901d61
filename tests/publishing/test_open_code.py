"""Which code stands in the open, what is folded where, and the data of tables."""

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from nnbook.publishing import open_code
from nnbook.publishing.code_sources import experiments
from nnbook.publishing.drawing.svg import carry
from nnbook.publishing.needed_code import Cell, Needed, needed
from nnbook.publishing.open_code import ON_PAPER, SECTION, TITLE, FoldedCode, parts


@pytest.mark.parametrize(
    ("source", "kept", "taken"),
    [
        ("a = 1\nglue('a', a)\nprint(a)", "a = 1\nprint(a)", "glue('a', a)"),
        ("from myst_nb import glue\nimport numpy", "import numpy", "from myst_nb import glue"),
        ("glue(\n    'a',\n    1,\n)\n\nx = 1", "x = 1", "glue(\n    'a',\n    1,\n)"),
        (
            "for x in y:\n    z = x\n    glue('z', z)",
            "",
            "for x in y:\n    z = x\n    glue('z', z)",
        ),
        ("for x in y:\n    print(x)\n    assert x", "for x in y:\n    print(x)\n    assert x", ""),
        ("%matplotlib inline\nassert True", "%matplotlib inline\nassert True", ""),
    ],
)
def test_code_has_what_is_read_and_what_checks(source: str, kept: str, taken: str) -> None:
    assert parts(source) == (kept, taken)


def cell(code: str, output: nodes.Node | None = None, hidden: bool = False) -> nodes.container:
    """Return a cell as MyST-NB makes it."""
    block = nodes.literal_block(code, code, language="ipython3")
    source: nodes.Element = nodes.container("", block, nb_element="cell_code_source")
    if hidden:
        source = nodes.container("", source, classes=["above-input"])
    children = [source]
    if output is not None:
        children.append(nodes.container("", output, nb_element="cell_code_output"))
    return nodes.container("", *children, nb_element="cell_code")


class Folded(FoldedCode):
    """The transform without a build around it."""

    env = SimpleNamespace(docname="part/page", srcdir="nowhere")  # type: ignore[assignment]
    app = None  # type: ignore[assignment]
    prompts = {"nb_code_prompt_show": "Code", "nb_code_prompt_hide": "Hide"}  # noqa: RUF012
    config = prompts  # type: ignore[assignment]

    def __init__(self, document: nodes.document) -> None:
        self.document = document


def folded(*content: nodes.Node) -> tuple[list[str], list[str]]:
    """Return the code in the open, and that in the box, of a page with this content."""
    document = publish_doctree("")
    title = nodes.title(SECTION, SECTION)
    page = nodes.section("", nodes.title("Page", "Page"), *content, nodes.section("", title))
    document += page
    Folded(document).run()
    boxes = [box for box in document.findall(nodes.admonition) if "nnb-checks" in box["classes"]]
    assert len(boxes) <= 1
    inside = [c for box in boxes for c in box.findall(nodes.literal_block)]
    if boxes:
        assert boxes[0][0].astext() == TITLE and boxes[0].parent[0].astext() == SECTION
        assert ON_PAPER in boxes[0].parent[-1].astext()
    every = [c for c in document.findall(nodes.literal_block) if c not in inside]
    return [c.astext() for c in every], [c.astext() for c in inside]


def test_what_sets_up_or_asserts_is_in_the_box() -> None:
    setup, check = cell("import numpy", hidden=True), cell("y = 1\nassert y")
    output = cell("print(2)", nodes.literal_block("2", "2"))
    assert folded(setup, cell("x = 1"), output, check) == (
        ["x = 1", "print(2)", "2"],
        ["import numpy", "y = 1\nassert y"],
    )


def test_what_puts_numbers_into_sentences_is_taken_out_of_code() -> None:
    only = cell("glue('a', 1)")
    both = cell("a = 1\nglue('a', a)")
    assert folded(only, both) == (["a = 1"], ["glue('a', 1)", "glue('a', a)"])


def test_the_code_of_a_figure_is_folded_below_it() -> None:
    open_, hidden = (cell("plot()", nodes.image(uri="a.svg"), hidden=h) for h in (False, True))
    folded(open_, hidden)
    for one in (open_, hidden):
        output, line = one.children
        assert output["nb_element"] == "cell_code_output"
        assert line["classes"] == ["nnb-below"] and line[0]["classes"] == ["above-input"]
    assert open_[1][0]["prompt_show"] == "Code"


def test_a_solution_is_left_as_it_is() -> None:
    solution = nodes.admonition("", cell("a = 1\nassert a"), classes=["solution"])
    assert folded(solution) == (["a = 1\nassert a"], [])


def test_records_are_those_of_what_a_name_was_made_from() -> None:
    cells = [
        'study, other = experiment("a"), 1\ndef f():\n    return experiment("b")',
        "runs = {name: run(study[name]) for name in names}",
        "free = 1\nplot(free)",
        "for axes, (name, shown) in zip(panels, runs.items()):\n    mean = shown.mean()",
        "%magic\nx",
        "plot(mean, f())",
        'runs = {}\nruns["x"] = run(experiment("c"))\nmean = 1',
        "mean += 1\nplot(runs, mean)",
    ]
    assert list(experiments(cells)) == [
        ["a", "b"], ["a"], [], ["a"], [], ["a", "b"], ["c"], ["c"],
    ]  # fmt: skip


def test_names_of_a_loop_rest_on_what_they_stand_for_there_alone():
    cells = [
        'a = run(experiment("a"))\nfor name, runs in a.items():\n    plot(name, runs)',
        "for name, place in places:\n    plot(name, place)",
        "plot([name for name in (1, 2)], lambda runs: runs)",
        "total = 0\nfor runs in a.values():\n    total += runs\nfor x in (1, 2):\n    x(total)",
        "def f(runs):\n    return runs\nplot(f(1))",
        "plot(total)",
        "with open(name) as runs:\n    plot(runs)",
        "last = 0\nfor x in (1, 2):\n    shown = last\n    last = a",
        "plot(shown)",
    ]
    assert list(experiments(cells)) == [["a"], [], [], ["a"], [], ["a"], [], ["a"], ["a"]]


def test_below_a_figure_is_where_its_records_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_code, "files_of", lambda app: "https://example.org/blob/main")
    one = cell('plot(run(experiment("a")["b"]))', nodes.image(uri="a.svg"))
    folded(one)
    below = one[-1][-1].astext()
    assert 'href="https://example.org/blob/main/data/results/index/a.csv">a</a>' in below
    monkeypatch.setattr(open_code, "files_of", lambda app: "")
    other = cell('plot(run(experiment("a")["b"]))', nodes.image(uri="a.svg"))
    folded(other)
    assert other[-1].astext().count("a.csv") == 0


def table(*rows: tuple[str, ...]) -> nodes.table:
    body = nodes.tbody()
    for row in rows:
        body += nodes.row("", *(nodes.entry("", nodes.paragraph(c, c)) for c in row))
    return nodes.table("", nodes.tgroup("", body, cols=len(rows[0])))


def application(outdir: Path, builder: str) -> SimpleNamespace:
    return SimpleNamespace(outdir=outdir, builder=SimpleNamespace(name=builder))


def test_an_e_book_has_no_files_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folded, "app", application(tmp_path, "epub"))
    folded(cell("table", table(("name", "n"), ("a", "1"))))
    assert list(tmp_path.iterdir()) == []


def test_the_data_of_a_table_are_below_it_as_csv_without_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folded, "app", application(tmp_path, "html"))
    one = cell("table", table(("name", "n"), ("a, b", "\N{MINUS SIGN}0.5"), ("=SUM(A1)", "+1")))
    folded(one)
    assert 'download href="../_data/part/page-1.csv"' in one[-1].astext()
    text = (tmp_path / "_data/part/page-1.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["name", "n"], ["a, b", "-0.5"], ["'=SUM(A1)", "+1"]]


def test_the_data_of_a_figure_are_below_it_as_csv_without_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {"x": [1.0, 2.0], "y": [-0.5, 0.5], "y low": [-1.5, None], "y high": [0.25, None]}
    series = [{"label": "=a", **numbers}, {"label": "b", "x": [3.0], "y": [4.0]}]
    panel = {"title": "", "x": "step", "y": "loss", "words": [{"1": "one"}, {}], "series": series}
    (tmp_path / "a.svg").write_text(carry("<svg></svg>", panels=[panel], every=4), "utf-8")
    (tmp_path / "b.svg").write_text("<svg></svg>", "utf-8")
    monkeypatch.setattr(Folded, "app", application(tmp_path, "html"))
    monkeypatch.setattr(Folded, "env", SimpleNamespace(docname="part/page", srcdir=tmp_path))
    one, none = (cell("plot()", nodes.image(uri=f"{name}.svg")) for name in "ab")
    folded(one, none)
    assert 'download href="../_data/part/page-figure-1.csv"' in one[-1].astext()
    assert "CSV" not in none[-1].astext()
    text = (tmp_path / "_data/part/page-figure-1.csv").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head[-4:] == ["x (one point in 4)", "y (one point in 4)", "y low", "y high"]
    assert rows == [
        ["", "step", "loss", "'=a", "one", "-0.5", "-1.5", "0.25"],
        ["", "step", "loss", "'=a", "2.0", "0.5", "", ""],
        ["", "step", "loss", "b", "3.0", "4.0", "", ""],
    ]


def test_open_code_gets_what_it_needs_of_folded_code() -> None:
    imports = "from nnbook import COLORS, run\nimport numpy as np"
    document = publish_doctree("")
    document += [
        cell(f"{imports}\n\ntop = 3\nrates = [1]\nrates.append(2)", hidden=True),
        cell("runs = run(rates)"),
        cell("print(np.sum(runs), rates)", nodes.literal_block("", "3")),
    ]
    Folded(document).run()
    codes = [block.astext() for block in document.findall(nodes.literal_block)]
    assert codes[:3] == [
        "from nnbook import run\nimport numpy as np",
        "rates = [1]\nrates.append(2)",
        "runs = run(rates)",
    ]
    raw = [node.astext() for node in document.findall(nodes.raw)]
    assert raw[0].startswith('<details class="nnb-needed">') and "</details>" in raw


def test_code_in_the_open_that_runs_alone_gets_nothing() -> None:
    cells = [Cell("", "import numpy as np\nn = 1"), Cell("import numpy as np\nn = np.pi", "")]
    assert needed(cells) == [Needed("", ""), Needed("", "")]


def test_what_needed_code_needs_comes_along_in_order() -> None:
    folded = "import math\n\ndef root(x):\n    return math.sqrt(x) + c\n\nc = 1\nd = root(4)"
    assert needed([Cell("", folded), Cell("print(d)", "")])[1] == Needed(
        "import math", "def root(x):\n    return math.sqrt(x) + c\nc = 1\nd = root(4)"
    )


def test_what_folded_code_has_changed_since_is_brought_along() -> None:
    cells = [
        Cell("rates = {}\nbest = 1", ""),
        Cell("", "for n in (1, 2):\n    rates[n] = 2 * n\nbest = 3"),
        Cell("print(rates)", ""),
        Cell("print(rates)", ""),
    ]
    changed = "for n in (1, 2):\n    rates[n] = 2 * n"
    assert [missing.code for missing in needed(cells)] == ["", "", changed, ""]


def test_checks_of_a_solution_are_not_folded_within_it() -> None:
    document = publish_doctree("")
    solution = nodes.container("", cell("assert True", hidden=True), classes=["solution"])
    document += solution
    Folded(document).run()
    assert not solution.children
    (box,) = document.findall(nodes.admonition)
    assert box[1].astext() == "assert True"
