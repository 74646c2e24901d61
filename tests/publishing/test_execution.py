"""Stale output is impossible: what a page depends on decides whether it is executed again.

The tests build a small book with the real settings, from a copy of the package that they may edit.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import nbformat
import pytest

from nnbook.project import REPOSITORY
from nnbook.publishing import execution
from nnbook.publishing.execution import Page, PageCache, PageError
from nnbook.publishing.recorder import KINDS, Recorder, read

pytestmark = pytest.mark.thorough

JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")
PAGES = {
    "module": "from nnbook.theory import sample\nprint(sample.VALUE)",
    "result": 'print(open("../data/results/sample/1.json").read())',
    "folder": "import os\nprint(len(os.listdir('../data/results/sample')))",
    "independent": "import time\nprint('a line', end=' ', flush=True)\ntime.sleep(0.5)\n"
    "print('in two parts')\nprint(6 * 7)",
    "absent": "try:\n    print(open('../data/results/sample/9.json').read())\n"
    "except FileNotFoundError:\n    print('none')",
    "child": "import subprocess, sys\ncode = \"print(open('../data/results/child.json').read())\"\n"
    "print(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout)",
    "asks": "from pathlib import Path\nprint(Path('../data/results/asked.json').exists())",
    "program": "import subprocess\ncommand = ['cat', '../data/results/program.json']\n"
    "print(subprocess.run(command, capture_output=True, text=True).stdout)",
    "random": "import random\nimport numpy as np\nprint(np.random.rand(), random.random())",
    "personal": "import os, time\nfrom matplotlib import rcParams\n"
    "print(rcParams['lines.linewidth'], time.tzname[0], os.environ['KERAS_BACKEND'])",
    "chance": "import random\nimport numpy as np\nprint(random.random(), np.random.rand())",
}
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""


class Book:
    """A book of small pages in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(REPOSITORY / "nnbook", root / "nnbook")
        shutil.copytree(REPOSITORY / "book" / "_static", root / "book" / "_static")
        for name in ("_config.yml", "requirements.lock", "book/references.bib"):
            shutil.copy(REPOSITORY / name, root / name)
        # This book cannot account for all experiments, and has never had other pages.
        self.replace("_config.yml", "nnbook_accounts: true", "nnbook_accounts: false")
        self.replace("_config.yml", "nnbook_redirects: redirects.toml", "nnbook_redirects: ''")
        (root / "nnbook/theory/sample.py").write_text("VALUE = 'one'\n")
        (root / "data/results/sample").mkdir(parents=True)
        (root / "data/results/sample/1.json").write_text("first")
        (root / "data/results/child.json").write_text("read by a child")
        (root / "data/results/program.json").write_text("read by a program")
        (root / "settings/matplotlib").mkdir(parents=True)
        (root / "settings/matplotlib/matplotlibrc").write_text("lines.linewidth: 7\n")
        (root / "book/index.md").write_text("# A book\n")
        for name, code in PAGES.items():
            self.page(name).write_text(
                f"{HEADER}# {name}\n\nProse.\n\n```{{code-cell}} ipython3\n{code}\n```\n"
            )
        chapters = "".join(f"  - file: {name}\n" for name in PAGES)
        (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")

    def page(self, name: str) -> Path:
        return self.root / "book" / f"{name}.md"

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def build(self) -> subprocess.CompletedProcess[str]:
        settings = ["--config", self.root / "_config.yml", "--toc", self.root / "_toc.yml"]
        return subprocess.run(
            [
                JUPYTER_BOOK,
                "build",
                "-W",
                "-n",
                "--keep-going",
                "book",
                *settings,
                "--path-output",
                ".",
            ],
            cwd=self.root,
            env={
                **os.environ,
                "PYTHONPATH": str(self.root),
                "NO_COLOR": "1",
                "KERAS_BACKEND": "jax",
                "TZ": "Asia/Tokyo",
                "XDG_CONFIG_HOME": str(self.root / "settings"),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def executed(self) -> set[str]:
        """Build; return the pages that were executed for it."""
        return self.pages_executed(self.build())

    @staticmethod
    def pages_executed(result: subprocess.CompletedProcess[str]) -> set[str]:
        assert result.returncode == 0, result.stdout + result.stderr
        return set(re.findall(r"^executed (\w+) \(", result.stdout, flags=re.M))

    def failure(self) -> str:
        """Build, which must fail; return what it said."""
        result = self.build()
        assert result.returncode != 0
        return result.stdout + result.stderr

    def html(self, name: str) -> str:
        return (self.root / "_build/html" / f"{name}.html").read_text()


def numbers(book, name):
    return re.findall(r"0\.\d{9,}", re.sub(r"<[^>]*>", " ", book.html(name)))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    assert book.executed() == set(PAGES)
    assert "a line in two parts\n42" in book.html("independent")
    return book


class TestWhatIsExecutedAgain:
    def test_nothing_if_nothing_changed(self, book):
        result = book.build()
        assert book.pages_executed(result) == set()
        assert "0 changed" in result.stdout

    def test_nobodys_personal_settings_change_a_page(self, book):
        assert "1.5 UTC tensorflow" in book.html("personal")

    # Each page is edited in one of the next two tests, and must not be executed in the other.

    def test_the_pages_that_use_an_edited_module_or_file_or_asked_for_one_that_came(self, book):
        assert "read by a child" in book.html("child")
        assert "False" in book.html("asks")
        book.replace("nnbook/theory/sample.py", "one", "two")
        book.replace("data/results/child.json", "read by a child", "read again")
        (book.root / "data/results/asked.json").write_text("it came")
        assert book.executed() == {"module", "child", "asks"}
        assert "two" in book.html("module")
        assert "read again" in book.html("child")
        assert "True" in book.html("asks")

    def test_the_pages_that_use_an_edited_result_or_folder_or_code_of_their_own(self, book):
        assert "none" in book.html("absent")
        first = numbers(book, "random")
        assert len(first) == 2
        assert not set(first) & set(numbers(book, "chance"))
        book.replace("data/results/sample/1.json", "first", "second")
        (book.root / "data/results/sample/9.json").write_text("it came")
        book.replace("data/results/program.json", "read by a program", "read again")
        book.replace("book/independent.md", "6 * 7", "7 * 8")
        book.replace("book/random.md", "print(", "print(1, ")
        changed = {"result", "folder", "absent", "program", "independent", "random"}
        assert book.executed() == changed
        assert "second" in book.html("result")
        assert "it came" in book.html("absent")
        assert "read again" in book.html("program")
        assert "56" in book.html("independent")
        assert numbers(book, "random") == first

    def test_no_page_when_prose_or_a_caption_in_a_cell_is_edited(self, book):
        book.replace("book/independent.md", "Prose.", "Better prose.")
        book.replace(
            "book/module.md", "ipython3\n", "ipython3\n:mystnb: {number_source_lines: true}\n"
        )
        book.replace("book/result.md", "ipython3\n", "ipython3\n:tags: [hide-input]\n")
        book.replace("book/folder.md", "name: python3", "name: python3\n  argv: [elsewhere]")
        assert book.executed() == set()
        assert "Better prose." in book.html("independent")
        assert "Hide the code" in book.html("result")
        assert "linenos" in book.html("module")
        assert "two" in book.html("module")

    def test_all_pages_when_the_versions_of_libraries_change(self, book):
        (book.root / "library-2.0.dist-info").mkdir()
        assert book.executed() == set(PAGES)

    def test_no_page_is_read_again_whose_outputs_are_the_same(self, book):
        with (book.root / "nnbook/theory/sample.py").open("a") as source:
            source.write("# no other value\n")
        result = book.build()
        assert book.pages_executed(result) == {"module"}
        assert "0 changed" in result.stdout

    def test_all_pages_are_read_again_when_the_code_that_takes_part_in_it_changes(self, book):
        with (book.root / "nnbook/publishing/claim_roles.py").open("a") as source:
            source.write("# another role\n")
        for count in (len(PAGES) + 1, 0):
            assert f"{count} changed" in book.build().stdout

    def test_a_warning_stops_the_build_every_time(self, book):
        book.replace("book/folder.md", "Prose.", "[Nowhere](#no-such-place).")
        for _ in range(2):
            assert "no-such-place" in book.failure()
        book.replace("book/folder.md", "[Nowhere](#no-such-place).", "Prose.")
        assert book.executed() == set()

    def test_a_page_that_was_executed_for_a_build_that_failed_is_shown_by_the_next(self, book):
        (book.root / "data/results/program.json").write_text("read a third time")
        book.replace("book/independent.md", "print(", "print(missing, ")
        assert "book/independent.md did not run" in book.failure()
        book.replace("book/independent.md", "print(missing, ", "print(")
        assert book.executed() == set()
        assert "read a third time" in book.html("program")

    def test_a_page_that_fails_stops_the_build_every_time_and_is_named(self, book):
        book.replace("nnbook/theory/sample.py", "VALUE", "VALUES")
        for _ in range(2):
            messages = book.failure()
            assert "book/module.md did not run" in messages
            assert "has no attribute 'VALUE'" in messages


def test_the_recorder_sees_reads_inside_the_repository_only(tmp_path):
    output = tmp_path / "dependencies"
    recorder = Recorder(output)
    recorder.audit("open", (str(REPOSITORY / "data/eckerle4.csv"), "r", 0))
    recorder.audit("open", (os.fsencode(REPOSITORY / "data/other.csv"), None, 0))
    recorder.audit("open", (str(REPOSITORY / "data/written.csv"), "w", 0))
    recorder.audit("open", (str(REPOSITORY / "data/made.csv"), None, os.O_WRONLY | os.O_CREAT))
    recorder.audit("open", (str(tmp_path / "elsewhere"), "r", 0))
    recorder.audit("open", (3, "r", 0))
    compiled = importlib.util.cache_from_source(str(REPOSITORY / "nnbook/errors.py"))
    recorder.audit("open", (compiled, "rb", 0))
    command = f"cat '{REPOSITORY / 'README.md'}' nowhere.md >copy"
    recorder.audit("subprocess.Popen", ("sh", ["sh", "-c", command], None, None))
    recorder.audit("os.system", (os.fsencode(f"cat {REPOSITORY / 'LICENSE'}"),))
    recorder.audit("os.scandir", (str(REPOSITORY / "data"),))
    recorder.audit("os.scandir", (str(REPOSITORY / "labs/lab4"),))
    recorder.audit("os.listdir", (str(REPOSITORY / "nnbook"),))
    assert read(output) == {
        "files": [
            "LICENSE",
            "README.md",
            "data/eckerle4.csv",
            "data/other.csv",
            "nnbook/errors.py",
        ],
        "folders": ["data", "labs/lab4"],
        "configurations": [],
    }


def pages(folder, **codes):
    """Return pages with one cell each, as MyST-NB reads them."""
    made = []
    for name, code in codes.items():
        path = folder / f"{name}.md"
        path.touch()
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": ""}
        made.append(Page(name, path, notebook))
    return made


def test_the_recorder_sees_which_results_are_looked_up(tmp_path):
    recorder = Recorder(tmp_path / "dependencies")
    for _ in range(2):
        recorder.audit("nnbook.looked_up", ("mnist-linear/learning_rate-0.03",))
    found = read(tmp_path / "dependencies")
    assert found == {
        "files": [],
        "folders": [],
        "configurations": ["mnist-linear/learning_rate-0.03"],
    }


def run(cache, *these):
    execution = cache.start(these, timeout=60)
    try:
        execution.wait()
    finally:
        execution.close()


def test_a_page_can_be_waited_for_while_another_is_executed(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "REPOSITORY", tmp_path)
    go_on = Event()
    first, last, never = pages(tmp_path, first="print(1)", last="print(2)", never="print(3)")

    def waits_for_one(page, *_):
        if page is last:
            assert go_on.wait(60)
        return page.notebook, {kind: [] for kind in KINDS}, 0.1

    monkeypatch.setattr(execution, "_run", waits_for_one)
    cache, done = PageCache(tmp_path / "cache"), []
    begun = cache.start([last, first], timeout=60, report=lambda page, _: done.append(page.name))
    begun.wait({"first", "unknown"})
    assert done == ["first"]
    assert cache.is_fresh(first)
    assert begun.waiting == ["last"]
    go_on.set()
    begun.wait()
    begun.close()
    assert done == ["first", "last"]
    assert cache.is_fresh(last)
    assert not cache.is_fresh(never)


def test_the_page_that_took_longest_is_begun_first(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "REPOSITORY", tmp_path)
    seconds = {"brief": 0.1, "long": 9.0, "middle": 1.0}

    def takes(page, *_):
        return page.notebook, {kind: [] for kind in KINDS}, seconds[page.name]

    monkeypatch.setattr(execution, "_run", takes)
    cache = PageCache(tmp_path / "cache")
    these = pages(tmp_path, brief="print(1)", long="print(2)", middle="print(3)")
    run(cache, *these)
    begun = cache.start(these, timeout=60)
    assert begun.waiting == ["long", "middle", "brief"]
    begun.close()


def test_pages_with_the_same_code_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "REPOSITORY", tmp_path)
    monkeypatch.setattr(
        execution, "_run", lambda page, *_: (page.notebook, {kind: [] for kind in KINDS}, 0.1)
    )
    cache = PageCache(tmp_path / "cache")
    one, other, again = pages(tmp_path, one="print(1)", other="print(2)", again="print(1)")
    cache.refuse_alike([one, other], {})
    with pytest.raises(PageError, match="one, again: two pages with the same code"):
        cache.refuse_alike([one, other, again], {})
    run(cache, one)
    known = {"one": cache.find(one)}
    cache.refuse_alike([one, other], known)
    with pytest.raises(PageError, match="one, again: two pages with the same code"):
        cache.refuse_alike([again], known)
    for page in (one, again):  # nothing to tell apart
        page.notebook.cells.clear()
    cache.refuse_alike([one, again], {})


def test_all_pages_that_fail_are_named_whichever_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "REPOSITORY", tmp_path)

    def fails(page, *_):
        if page.name == "good":
            return page.notebook, {kind: [] for kind in KINDS}, 0.1
        raise PageError(f"{page.name} failed")

    monkeypatch.setattr(execution, "_run", fails)
    cache = PageCache(tmp_path / "cache")
    these = pages(tmp_path, one="print(1)", good="print(2)", two="print(3)")
    begun = cache.start(these, timeout=60)
    with pytest.raises(PageError, match=r"one failed\n\ntwo failed"):
        begun.wait({"one"})
    begun.close()
    assert cache.is_fresh(these[1])


def test_what_was_executed_is_kept_whatever_happens_to_another_page(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "REPOSITORY", tmp_path)
    good, bad = pages(tmp_path, good="print(1)", bad="print(2)")

    def fails_for_one(page, *_):
        if page is bad:
            raise OSError("no memory for another process")
        return page.notebook, {kind: [] for kind in KINDS}, 0.1

    monkeypatch.setattr(execution, "_run", fails_for_one)
    cache = PageCache(tmp_path / "cache")
    with pytest.raises(PageError, match=r"bad\.md did not run: OSError: no memory"):
        run(cache, bad, good)
    assert cache.is_fresh(good)
    assert not cache.is_fresh(bad)


def test_a_cell_may_take_as_long_as_the_books_settings_say(book):
    book.replace("_config.yml", "timeout: 300", "timeout: 2")
    book.replace("book/independent.md", "print(", "import time; time.sleep(60); print(")
    assert "book/independent.md did not run" in book.failure()
