"""Changes of a lab after which its files still are TOML and Markdown: they get past the parsers."""

import json
import math
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

SCRIPTS = (
    *(
        "Ångström",
        "Ελλάδα",
        "Иванова",
        "محمد علي",
        "שלום",
        "王小明",
        "さくら",
        "김민수",
        "हिन्दी",
        "ไทย",
    ),
    *(
        "e\u0301 combined",
        "a\u0300\u0301\u0302\u0303\u0304" * 20,
        "\u202eright to left",
        "x\u200b\u00ady",
    ),
    *("👩‍👩‍👧‍👦", "𝔉𝔯𝔞𝔨", "ﬁ ligature", "\ufffd", "\ue000", "a\u2028b", "tab\there", "\u0007bell"),
    *(
        "",
        " ",
        "-",
        "*",
        "_",
        "#",
        "$x$",
        "{{ x }}",
        "{{",
        "<b>",
        "&amp;",
        "\\",
        "/",
        "..",
        "a/b",
        "%s",
    ),
    *(
        "con",
        "=1+1",
        "x" * 300,
        "word " * 200,
        "0",
        "true",
        '#import "x"',
        "@label",
        "`code`",
        "'''",
    ),
)
NUMBERS = (
    *(0, 1, 2, 3, -1, 7, 100, 10**6, 2**31, 2**63 - 1, -(2**63), 0.0, -0.0, 0.5, 1.0, 1e-300),
    *(1e-9, 1e300, 3.999, -0.1, 1e9, 0.1 + 0.2, math.inf, -math.inf, math.nan, 12345.678901234567),
)
FREE = ("course", "title", "team", "question", "matriculation", "email")
"""Texts of which a lab may have any."""
SETTINGS: Mapping[str, tuple[Any, ...]] = {
    # Within their bounds.
    "activation": ("relu", "leaky_relu", "tanh", "sigmoid", "softplus", "identity"),
    "optimizer": ("sgd", "adam", "nadam", "rmsprop", "adagrad", "adadelta"),
    "learning_rate": (0.001, 0.1, 10, 1e-30),
    "hidden_layers": ([1], [3] * 12, [5000], [20, 11, 7]),
    "dropout": (0.5, 0.99),
    "batch_size": (1, 3, 20),
    "epochs": (1, 1000),
    "momentum": (0.5, 0.99),
    "seeds": (1, 4, [7], {"first": 3, "count": 4}),
    "keep_weights": (True, "first layer"),
    "language": ("de", "en"),
    "date": (date(1, 1, 1), date(9999, 12, 31)),
}
BEYOND = {
    "activation": ("softmax", "nothing"),
    "learning_rate": (0, -1),
    "hidden_layers": ([], [0], [10**7], [2.5]),
    "dropout": (1, -0.1),
    "batch_size": (10**6, 0),
    "epochs": (10**6, 10**12, 0),
    "momentum": (1, 2),
    "data": ("digits", "eckerle4", "nothing", "../x.csv"),
    "seeds": ([1, 1], [], {"first": -1, "count": 10**9}),
    "language": ("fr", "xx"),
    "loss": ("mean_squared_error", "sse", "half_sse"),
    "split": ("seed", 0, -1),
}
"""Settings outside of them, or that do not fit each other."""
ENTERED = ("", "0", "-1/8", "0,125", "2 - 1/2 eta", "3e-9", "x", "9" * 39, "1/3")
EXPERIMENTS = ("eckerle4", "mnist", "vanishing")
NAMES = ("eckerle4", "mnist", "vanishing", "eckerle4-b", "mnist-plain", "sigmoid-6", "relu-6")
KINDS = (
    *("table", "settings", "layers", "overview", "overview-transposed", "best:learning_rate"),
    *("figure:learning-curves", "figure:loss-and-accuracy", "figure:weights", "figure:histograms"),
    *("figure:biases", "figure:fit", "figure:predicted", "figure:inputs", "figure:images"),
)
ENDINGS = ("", ".sd", ".n", ".interval", ".max", ".median", ".full")
PLACED = (
    *(f"{kind}:{name}" for kind in KINDS[:5] for name in EXPERIMENTS),
    *(
        f"figure:{kind}:{name}"
        for kind in ("learning-curves", "loss-and-accuracy")
        for name in EXPERIMENTS
    ),
    *(
        f"figure:{kind}:{name}"
        for kind in ("weights", "histograms", "biases")
        for name in NAMES[-2:]
    ),
    *(
        "figure:fit:eckerle4",
        "figure:predicted:eckerle4",
        "figure:inputs:mnist",
        "figure:images:mnist",
    ),
    *("table:mnist, vanishing", "overview:mnist, vanishing", "best:learning_rate:mnist"),
    *("listing:lab.toml", "listing:answers.md:1-20", "comparison", "backpropagation"),
)
FORMULAS = (
    r"\begin{align} a &= b \\ c &= d \tag{7} \end{align}",
    r"\begin{array}{|l|r|} \hline x & \text{if } y \\ \hline \end{array}",
    *(r"\frac{1}{" * 40 + "2" + "}" * 40, r"\sqrt[3]{x}^{y_{z_{u}}}", r"\left\| \vec x \right\|_2"),
    *(
        r"\newcommand{\R}{\mathbb R} \R^n",
        r"\unknowncommand x",
        r"{",
        r"x^",
        r"a_b_c",
        r"\text{ä ö 王}",
    ),
    *(
        r"0{,}01 \cdot 10^{-3}",
        r"\underbrace{a + b}_{c}",
        "x" * 400,
        r"\color{red} x",
        r"\label{eq:x}",
    ),
    *(r"\operatorname{softmax}(z)", r"\overset{!}{=}", r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}"),
)


def mutate(folder: Path, chance: random.Random, *, is_wild: bool) -> None:
    """Change one file of a lab; wildly, so that it will probably be refused."""
    chance.choice([_toml, _answers])(folder, chance, is_wild=is_wild)


# TOML


def _toml(folder: Path, chance: random.Random, *, is_wild: bool) -> None:
    path = folder / chance.choice(["lab.toml", "lab.toml", "step.toml"])
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # an earlier change was rougher
        return
    places = list(_places(content))
    if is_wild:
        owner, key = chance.choice(places)
        _change(owner, key, chance)
    elif path.name == "step.toml":
        lists = [place for place in places if isinstance(place[0][place[1]], int | str)]
        if lists:
            owner, key = chance.choice(lists)
            owner[key] = chance.choice(ENTERED)
    else:
        known = [place for place in places if place[1] in (*SETTINGS, *FREE) or _is_author(place)]
        if known:
            owner, key = chance.choice(known)
            some = SETTINGS.get(key)
            owner[key] = chance.choice(some) if some else _other(str(owner[key]), chance)
    path.write_text(_written(content, chance, is_wild=is_wild), "utf-8", errors="replace")


def _is_author(place: tuple[Any, Any]) -> bool:
    owner, key = place
    return key == "name" and isinstance(owner, dict) and "matriculation" in owner


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each table or list with each of its keys or indices."""
    pairs = list(content.items() if isinstance(content, dict) else enumerate(content))
    for key, value in pairs:
        yield content, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _change(owner: Any, key: Any, chance: random.Random) -> None:
    value = owner[key]
    if key in BEYOND and chance.random() < 0.7:
        owner[key] = chance.choice(BEYOND[key])
        return
    match chance.randrange(6):
        case 0:
            del owner[key]
        case 1 if isinstance(owner, list):
            owner[key:key] = [value] * chance.choice([1, 1, 3, 50])
        case 1 | 2 if isinstance(owner, dict):
            name = chance.choice([*SCRIPTS, f"{key}x", str(key).upper(), "seeds", "data"])
            owner[name] = owner.pop(key)
        case 3:
            owner[key] = chance.choice([[value], {"x": value}, str(value), [], {}, True])
        case _:
            owner[key] = _other(value, chance)


def _other(value: Any, chance: random.Random) -> Any:
    """Return another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            odd = chance.choice(SCRIPTS)
            return chance.choice([odd, f"{value}{odd}", f"{odd} {value}", value.upper()])
        case int() | float():
            return chance.choice([*NUMBERS, -value, value + 1, value * 10, float(value)])
        case list():
            return chance.choice([value + value, value[:-1], value[::-1], value * 20])
        case dict():
            return {**value, chance.choice(SCRIPTS): chance.choice(NUMBERS)}
        case _:
            return date(2000, 2, 29)


def _written(content: Mapping[str, Any], chance: random.Random, *, is_wild: bool) -> str:
    """Return a table as TOML; now and then with a key twice, which no table can be."""
    lines = [f"{_quoted(key)} = {_value(value)}" for key, value in content.items()]
    if is_wild and chance.random() < 0.1 and lines:
        lines.append(lines[0])
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON escapes what TOML escapes, but for this one character.
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case dict():
            inside = ", ".join(f"{_quoted(key)} = {_value(item)}" for key, item in value.items())
            return f"{{ {inside} }}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return str(value)


# Markdown


def _answers(folder: Path, chance: random.Random, *, is_wild: bool) -> None:
    path = folder / "answers.md"
    try:
        blocks = path.read_text("utf-8").split("\n\n")
    except (OSError, ValueError):
        return
    # Nothing stands before the first exercise, and none is answered twice.
    places = [n for n, block in enumerate(blocks) if n > 1 and not block.startswith("# ")]
    number = chance.randrange(len(blocks)) if is_wild or not places else chance.choice(places)
    match chance.randrange(8):
        case _ if is_wild:
            blocks[number:number] = [chance.choice([_heading, _placed, _strange])(chance)]
        case 0:
            del blocks[number]
        case 1:
            blocks[number:number] = [blocks[number]] * chance.choice([1, 3])
        case 2:
            other = chance.choice(places or [number])
            blocks[number], blocks[other] = blocks[other], blocks[number]
        case _:
            blocks[number:number] = [chance.choice(BLOCKS)(chance)]
    text = "\n\n".join(blocks) + "\n"
    if not is_wild:  # what is shown twice is refused
        text = _without_repeats(text)
    path.write_text(text, "utf-8", errors="replace")


def _without_repeats(text: str) -> str:
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        label = found[1].removeprefix("show:")
        return "" if label in seen else (seen.add(label) or found[0])

    return re.sub(r"\{\{ (?!ref:|value:)(.*?) \}\}", once, text)


def _table(chance: random.Random) -> str:
    columns, rows = chance.choice([(1, 1), (2, 120), (9, 6), (40, 3), (3, 2)])
    cell: Callable[[], str] = lambda: _inline(chance).replace("|", "").replace("\n", " ")  # noqa: E731
    lines = ["| " + " | ".join(cell() for _ in range(columns)) + " |" for _ in range(rows + 1)]
    rule = "|" + "|".join(chance.choice([":--", "--:", ":-:", "---"]) for _ in range(columns)) + "|"
    caption = f"\n\n: {_inline(chance)}" if chance.random() < 0.4 else ""
    return "\n".join([lines[0], rule, *lines[1:]]) + caption


def _inline(chance: random.Random) -> str:
    odd = chance.choice([script for script in SCRIPTS if "{{" not in script])
    return chance.choice(
        [
            f"*{odd}*",
            f"**{odd}** and `{odd}`",
            f"[{odd}](https://example.org/{'a' * chance.choice([3, 200])})",
            f"${chance.choice(FORMULAS)}$",
            odd,
            f"H~2~O, x^2^, ~~{odd}~~",
            f"a note[^n{chance.randrange(3)}]",
            f'<span class="x">{odd}</span>',
            f"\\{odd[:1]} {chance.choice(NUMBERS)}",
            f"{{{{ value:{chance.choice(NAMES[3:])}.test_loss{chance.choice(ENDINGS)} }}}}",
            f"{{{{ show:{chance.choice(PLACED[:20])} }}}}",
            f"The test accuracy is {chance.random():.{chance.choice([1, 3, 9])}f} {odd}",
        ]
    )


def _picture(chance: random.Random) -> str:
    width = chance.choice(
        ["", "{width=50%}", "{width=3cm}", "{width=0}", "{width=9999in}", "{width=40em}", "{#fig}"]
    )
    name = chance.choice(
        ["pictures/chain.svg"] * 9 + ["none.png", "https://example.org/y.png", "lab.toml"]
    )
    return f"![{_inline(chance)}]({name}){width}"


def _list(chance: random.Random) -> str:
    depth = chance.choice([1, 3, 12])
    mark = chance.choice(["-", "1.", "(a)", "- [ ]", "i."])
    return "\n".join(f"{'    ' * level}{mark} {_inline(chance)}" for level in range(depth))


def _math(chance: random.Random) -> str:
    return f"$$\n{chance.choice(FORMULAS)}\n$$"


def _code(chance: random.Random) -> str:
    language = chance.choice(
        ["", "python", "{.python .numberLines}", "{=typst}", "{=html}", "none"]
    )
    return (
        f"```{language}\n{chance.choice(SCRIPTS)}\n#panic()\n{'x' * chance.choice([3, 300])}\n```"
    )


def _heading(chance: random.Random) -> str:
    level = "#" * chance.choice([1, 1, 2, 3, 6])
    title = chance.choice(["2a", "2b", "9z", "Introduction", "References", "Appendix", ""])
    return f"{level} {title} {chance.choice(SCRIPTS)}\n\n{_inline(chance)}"


def _free_section(chance: random.Random) -> str:
    level, title = chance.choice([("## ", ""), ("### ", ""), ("# ", "Appendix"), ("# ", "Summary")])
    return f"{level}{title or _inline(chance)}\n\n{_inline(chance)}"


def _other_block(chance: random.Random) -> str:
    return chance.choice(
        [
            f"> {_inline(chance)}\n>\n> > {_inline(chance)}",
            f"{_inline(chance)}\n: {_inline(chance)}\n\n    {_inline(chance)}",
            f"[^n{chance.randrange(3)}]: {_inline(chance)}",
            f"::: {{.{chance.choice(['note', 'columns'])}}}\n{_inline(chance)}\n:::",
            f"<div>\n{_inline(chance)}\n</div>",
            f"<!-- {_inline(chance)} -->",
            f"---\ntitle: {_inline(chance)}\n---",
            f"| {_inline(chance)}\n| {_inline(chance)}",
            "***",
            f"+---+---+\n| a | b |\n+===+===+\n| {'x' * 60} | c |\n+---+---+",
            " ".join(_inline(chance) for _ in range(60)),
        ]
    )


def _placed(chance: random.Random) -> str:
    names = ", ".join(chance.sample(NAMES, chance.choice([1, 1, 1, 2, 3])))
    return f"{{{{ {chance.choice(KINDS)}:{names} }}}}"


def _strange(chance: random.Random) -> str:
    metric = chance.choice(["epochs", "learning_rate", "hidden_layers", "none"])
    kind, name = chance.choice(KINDS), chance.choice(NAMES)
    return chance.choice(
        [
            f"x {{{{ value:{name}.{metric}{chance.choice(ENDINGS)} }}}}",
            f"x {{{{ ref:{kind}:{name} }}}}",
            f"x {{{{ show:{kind}:{name} }}}}",
            f"x {{{{ {chance.choice(SCRIPTS)} }}}}",
        ]
    )


def _shown(chance: random.Random) -> str:
    return f"{{{{ {chance.choice(PLACED)} }}}}"


BLOCKS = (*(_table, _picture, _list, _math, _code, _free_section, _other_block, _shown, _inline),)
