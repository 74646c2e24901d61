"""What a self-check declares: a question, a list of answers, and what is said of them afterwards.

The last list of its text holds the answers. Before it stands the question, behind it the
explanation. The form of an entry follows from the kind:

- ``choice``: ``[x]`` before a right answer, ``[ ]`` before a wrong one; what is below it explains.
- ``error``: a numbered list of lines, ``[!]`` before the wrong one; what is below it explains.
- ``order``: a numbered list of steps, in the right order.
- ``numeric``: an expression that gives a wrong answer, as code, and what went wrong there.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docutils import nodes

from nnbook.publishing.selfchecks import answers
from nnbook.publishing.selfchecks.answers import Names, SelfCheckError

KINDS = {
    "choice": "choice",
    "error": "find the error",
    "numeric": "a number",
    "order": "put in order",
}
"""The kinds of self-checks, and what they are called."""
_MARK = re.compile(r"\[([x! ])\]\s+")
_COARSE = 0.1  # share of a wrong answer by which its format may change it
_MOST = 26  # answers have letters


@dataclass
class Answer:
    """One of the answers that are offered.

    Attributes
    ----------
    says, explains : list of Node
        Itself, and what is said of it.
    right : bool
    value : float
        The number that it is, where the answer is a number.
    """

    says: list[nodes.Node]
    explains: list[nodes.Node]
    right: bool = False
    value: float = 0.0


@dataclass
class Check:
    """A self-check, taken apart.

    Attributes
    ----------
    kind : str
    question, explanation : list of Node
    answers : list of Answer
        In the order in which they are shown.
    order : list of int
        Of steps: which place each of those shown has in the right order.
    value, room : float
        Of a number: the right one, and how far from it an answer may be.
    shown : str
        Of a number: how it is printed.
    """

    kind: str
    question: list[nodes.Node]
    answers: list[Answer]
    explanation: list[nodes.Node]
    order: list[int] = field(default_factory=list)
    value: float = 0.0
    room: float = 0.0
    shown: str = ""


@dataclass(frozen=True)
class Settings:
    """What the options of a self-check say.

    Attributes
    ----------
    kind, answer, tolerance, form : str
    holds : str
        An expression that has to be true.
    """

    kind: str
    answer: str = ""
    tolerance: str = "1 %"
    form: str = ".3g"
    holds: str = ""


def read(content: Sequence[nodes.Node], settings: Settings, names: Names, title: str) -> Check:
    """Return a self-check.

    Parameters
    ----------
    content : sequence of Node
        Its text.
    settings : Settings
        Its options.
    names : Names
        What its expressions may use.
    title : str
        Its title, on which depends in which order steps are shown.

    Raises
    ------
    SelfCheckError
        If something is missing, or an expression does not hold.
    """
    if settings.kind not in KINDS:
        raise SelfCheckError(f"expected a kind out of {', '.join(KINDS)}, got {settings.kind!r}")
    if bool(settings.answer) != (settings.kind == "numeric"):
        raise SelfCheckError("expected an option 'answer' if, and only if, the answer is a number")
    if settings.holds and not answers.value(settings.holds, names):
        raise SelfCheckError(f"expected to be true, and it is not: {settings.holds}")
    question, items, explanation = _parts(content)
    if not question:
        raise SelfCheckError("expected a question before the list of answers")
    if settings.kind == "numeric":
        return _number(Check("numeric", question, [], explanation), items, settings, names)
    if not 2 <= len(items) <= _MOST:
        raise SelfCheckError(f"expected from 2 to {_MOST} answers, received {len(items)}")
    if settings.kind == "order":
        return _order(Check("order", question, [], explanation), items, title)
    return _choice(Check(settings.kind, question, [], explanation), items)


def _parts(
    content: Sequence[nodes.Node],
) -> tuple[list[nodes.Node], list[nodes.list_item], list[nodes.Node]]:
    """Return what stands before the last list, its items, and what stands behind it."""
    kinds = nodes.bullet_list | nodes.enumerated_list
    places = [k for k, node in enumerate(content) if isinstance(node, kinds)]
    if not places:
        raise SelfCheckError("expected a list of answers, and found none")
    last = places[-1]
    items = [item for item in content[last].children if isinstance(item, nodes.list_item)]
    return list(content[:last]), items, list(content[last + 1 :])


def _choice(check: Check, items: Iterable[nodes.list_item]) -> Check:
    mark = {"choice": "x", "error": "!"}[check.kind]
    for item in items:
        first, *rest = item.children
        sign = _take_mark(first)
        if sign not in {mark, " "} and not (check.kind == "error" and sign is None):
            raise SelfCheckError(
                f"expected '[{mark}]' or '[ ]' before {first.astext()[:40]!r} and other answers"
            )
        if not rest:
            raise SelfCheckError(f"expected an explanation below {first.astext()[:40]!r}")
        check.answers.append(Answer([first], rest, right=sign == mark))
    right = sum(answer.right for answer in check.answers)
    if check.kind == "error" and right != 1:
        raise SelfCheckError(f"expected one wrong line, marked '[!]', received {right}")
    if not 0 < right < len(check.answers):
        raise SelfCheckError(f"expected right and wrong answers, {right} are right of all")
    return check


def _take_mark(paragraph: nodes.Node) -> str | None:
    """Take the mark from the beginning of an answer."""
    first = next(iter(paragraph.findall(nodes.Text)), None)
    found = _MARK.match(first.astext()) if first is not None else None
    if first is None or found is None:
        return None
    assert first.parent is not None, "it stands in the paragraph"
    first.parent.replace(first, nodes.Text(first.astext()[found.end() :]))
    return found[1]


def _order(check: Check, items: Sequence[nodes.list_item], title: str) -> Check:
    if not check.explanation:
        raise SelfCheckError("expected an explanation below the steps")
    check.order = list(range(len(items)))
    # The same in each build, and never the right one.
    seed = int(hashlib.sha256(title.encode()).hexdigest()[:8], 16)
    mixed = random.Random(seed)
    while check.order == sorted(check.order):
        mixed.shuffle(check.order)
    check.answers = [Answer(list(items[place].children), []) for place in check.order]
    return check


def _number(
    check: Check, items: Iterable[nodes.list_item], settings: Settings, names: Names
) -> Check:
    if not check.explanation:
        raise SelfCheckError("expected an explanation below the wrong answers")
    check.value = answers.number(settings.answer, names)
    check.room = answers.tolerance(settings.tolerance, check.value)
    check.shown = answers.shown(check.value, settings.form)
    if abs(_printed(check.value, settings.form) - check.value) > check.room:
        raise SelfCheckError(
            f"the format {settings.form!r} shows {check.shown}, "
            f"which is not within the tolerance of {check.value!r}"
        )
    for item in items:
        first = item.children[0] if item.children else None
        code = first.children[0] if first is not None and first.children else None
        if (
            not isinstance(first, nodes.paragraph)
            or not isinstance(code, nodes.literal)
            or len(first.children) < 2
        ):
            raise SelfCheckError(
                f"expected an expression as code and what went wrong, received {item.astext()!r}"
            )
        wrong = answers.number(code.astext(), names)
        if abs(wrong - check.value) <= check.room:
            raise SelfCheckError(f"expected a wrong answer, and {code.astext()} counts as right")
        shown = answers.shown(wrong, settings.form)
        if abs(_printed(wrong, settings.form) - wrong) > _COARSE * abs(wrong):
            raise SelfCheckError(f"the format {settings.form!r} shows {code.astext()} as {shown}")
        first.remove(code)
        said: list[nodes.Node] = [nodes.paragraph("", shown)]
        check.answers.append(Answer(said, list(item.children), value=wrong))
    return check


def _printed(number: float, form: str) -> float:
    """Return the number that readers of `number` in this format see."""
    return float(format(number, form).replace(",", ""))
