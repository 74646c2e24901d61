"""What is public: one list, which the chapters and the API pages keep to."""

import ast
import inspect
import json
import pickle
import re
import subprocess
import sys
import textwrap

import pytest

import nnbook
from nnbook.project import REPOSITORY

CHAPTERS = sorted((REPOSITORY / "book").rglob("*.md"))
CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n((?::[^\n]*\n)*)(.*?)^\1$", re.M | re.S)


def imports_of(source: str) -> set[str]:
    """Return the names that the cells of a chapter import from the package, with their modules."""
    found = set()
    for _, _, code in CELL.findall(source):
        body = code.partition("\n---\n")[2] if code.startswith("---\n") else code
        for node in ast.walk(ast.parse(re.sub(r"(?m)^%.*$", "", body))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nnbook"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {a.name for a in node.names if a.name.split(".")[0] == "nnbook"}
    return found


def test_every_public_name_can_be_loaded() -> None:
    assert len(nnbook.__all__) > 100
    for name in nnbook.__all__:
        assert getattr(nnbook, name) is not None
    assert dir(nnbook) == nnbook.__all__ == sorted(set(nnbook.__all__))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match=r"no public name 'experimnt', .*'experiment'"):
        nnbook.experimnt  # noqa: B018
    assert not hasattr(nnbook, "__wrapped__")
    with pytest.raises(ImportError, match="cannot import name 'experimnt'"):
        exec("from nnbook import experimnt")


def test_public_names_do_not_hide_the_rooms() -> None:
    rooms = {path.stem for path in (REPOSITORY / "nnbook").iterdir()}
    assert not rooms & set(nnbook.__all__)


def modules_after(code: str) -> set[str]:
    code += "; import json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(run.stdout))


def test_a_name_loads_what_it_needs_and_no_more() -> None:
    assert {m for m in modules_after("import nnbook") if m.startswith("nnbook")} == {"nnbook"}
    loaded = modules_after("from nnbook import sigmoid")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("nnbook.")}
    assert rooms <= {"theory", "errors"}
    assert not loaded & {"keras", "matplotlib", "pandas", "pydantic", "scipy", "sympy"}
    loaded = modules_after(
        "from nnbook import experiment, recorded, measured, DataTable, use_style"
    )
    assert not loaded & {"keras", "tensorflow", "matplotlib", "sympy"}


def test_everything_can_be_imported_at_once() -> None:
    loaded: dict[str, object] = {}
    exec("from nnbook import *", loaded)
    assert set(nnbook.__all__) <= set(loaded)


def test_what_is_public_is_pickled_by_where_it_is() -> None:
    for name in ("Network", "RunSpec", "experiment", "NNBookError"):
        value = getattr(nnbook, name)
        assert pickle.loads(pickle.dumps(value)) is value


def test_the_list_of_metrics_is_whole_whatever_was_imported_before() -> None:
    code = (
        "from nnbook import METRICS, metric; assert METRICS['test_error'] == metric('test_error')"
    )
    assert "nnbook.evidence.measures" in modules_after(code)


def test_nothing_is_public_twice() -> None:
    stub = ast.parse((REPOSITORY / "nnbook/__init__.pyi").read_text(encoding="utf-8"))
    imports = [line for line in stub.body if isinstance(line, ast.ImportFrom)]
    names = [alias for line in imports for alias in line.names]
    # Type checkers take `X as X` as public, and nothing else.
    assert [alias.name for alias in names] == [alias.asname for alias in names]
    assert len(names) == len(nnbook.__all__)
    values = {name: getattr(nnbook, name) for name in nnbook.__all__}
    assert len({id(value) for value in values.values()}) == len(values)
    modules = {value.__name__ for value in values.values() if inspect.ismodule(value)}
    assert not modules & {nnbook._places()[name] for name in values}


def test_chapters_use_what_is_public_only() -> None:
    public = {f"nnbook.{name}" for name in nnbook.__all__}
    private = {
        f"{path.relative_to(REPOSITORY)}: {name}"
        for path in CHAPTERS
        for name in imports_of(path.read_text(encoding="utf-8")) - public
    }
    assert not private


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "book/digits/baseline.md"])
def test_code_that_is_only_shown_uses_what_is_public_too(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```python\n(.*?)^\1```$", text, re.M | re.S)
    # What begins with a docstring is a module of the package itself.
    users = [block for _, block in blocks if not block.lstrip().startswith('"""')]
    trees = [ast.parse(textwrap.dedent(block)) for block in users]
    imports = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.ImportFrom)]
    used = {f"{n.module}.{a.name}" for n in imports for a in n.names if n.module != "keras"}
    assert used
    assert used <= {f"nnbook.{name}" for name in nnbook.__all__}


def test_the_api_pages_show_what_is_public() -> None:
    pages = sorted((REPOSITORY / "book/reference").glob("api-*.md"))
    page = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    shown = re.findall(r"^\.\. auto(?:function|class|data|exception):: nnbook\.(\w+)$", page, re.M)
    modules = re.findall(r"^\.\. automodule:: (nnbook\.[\w.]+)$", page, re.M)
    public = {name: getattr(nnbook, name) for name in nnbook.__all__}
    of_modules = {value.__name__ for value in public.values() if inspect.ismodule(value)}
    assert of_modules <= set(modules)
    # What comes from one of these modules is shown with it.
    alone = {name for name in public if nnbook._places()[name] not in of_modules}
    assert sorted(shown) == sorted(n for n in alone if not inspect.ismodule(public[n]))
