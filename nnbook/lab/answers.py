"""A student's answers: Markdown that is read, made safe and divided into exercises.

Nothing in it is trusted. Raw HTML, LaTeX and Typst are printed as they were typed, attributes are
dropped, links lead to the web only, and pictures come from the lab's folder only.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from nnbook.errors import LabError, nearest
from nnbook.lab import placeholders
from nnbook.lab.answered import Answers, Elements
from nnbook.lab.definition import plain_number
from nnbook.lab.folder import Lab
from nnbook.lab.formulas import (
    ENVIRONMENT,
    REFERENCE,
    Numbers,
    definitions_in,
    formulas_in,
    has_formula,
)
from nnbook.lab.own_pictures import OwnPictures, width_of
from nnbook.lab.pandoc import (
    BLOCKS,
    DISPLAY,
    INLINES,
    Node,
    UnreadableError,
    are_attributes,
    formula_nodes,
    plain_text,
    raw_inline,
    read_markdown,
    string,
)
from nnbook.lab.placeholders import Placeholder
from nnbook.lab.typed import Found, with_tokens, without_comments
from nnbook.lab.typst import breakable
from nnbook.lab.unheard import silent_heading, silent_picture
from nnbook.publishing.paper.code import literal

NO_ATTRIBUTES: list[Any] = ["", [], []]


def read_answers(lab: Lab, elements: Elements) -> Answers:
    """Read the answers of a lab.

    Raises
    ------
    LabError
        For an exercise, a placeholder or a picture that there is not, naming the line if there is
        one; for anything outside the folder.
    """
    text, found, token = with_tokens(lab.answers_text())
    try:
        blocks = read_markdown(text)
    except UnreadableError as error:
        raise LabError(f"{lab.answers_path}: {error}") from None
    reader = _Reader(lab, elements, found, token)
    try:
        answers = reader.read(blocks)
    except RecursionError:
        raise LabError(f"{lab.answers_path}: nested too deeply") from None
    reader.pictures.refuse_unusable()
    answers.picture_digests = reader.pictures.digests
    return answers


class _Reader:
    """Goes through the syntax tree and builds a safe one."""

    def __init__(
        self, lab: Lab, elements: Elements, found: list[Found], token: re.Pattern[str]
    ) -> None:
        self._lab = lab
        self._elements = elements
        self._found = found
        self._token = token
        self._level = 1
        self.pictures = OwnPictures(lab, elements.add_picture, self._error)
        self._numbers = Numbers()
        self._answers = Answers({number: [] for number in lab.definition.exercises})
        self._shown: list[Node] = []  # by the paragraph that is read, and stands after it

    def read(self, blocks: list[Node]) -> Answers:
        current: list[Node] | None = None
        number = ""
        self._count_equations(blocks)
        for block in blocks:
            if block["t"] == "Header" and block["c"][0] == 1:
                self._level = 1
                if self._is_free(plain_text(block["c"][2])):
                    number = ""
                    headings = self._answers.headings
                    current = self._answers.after if headings else self._answers.before
                    inlines = self._inlines(block["c"][2])
                    current.append({"t": "Header", "c": [1, NO_ATTRIBUTES, inlines]})
                    continue
                heading = self._restored(plain_text(block["c"][2]))
                number = self._number(heading)
                if number in self._answers.headings:
                    raise self._error(f"two sections answer exercise {number}")
                self._answers.headings[number] = heading
                current = self._answers.sections[number]
                continue
            placed, pictures = len(self._answers.placed), len(self.pictures)
            safe = [*self._blocks([block]), *self._shown]
            self._shown = []
            if safe and current is None:
                start = plain_text(safe)[:40]
                raise self._error(
                    f"text before the first exercise: {start!r}; begin with a heading, "
                    f"# {next(iter(self._answers.sections))}"
                )
            if current is not None:
                current += safe
            if current is self._answers.after:
                for item in self._answers.placed[placed:]:
                    self._answers.labels_after += item.labels
            if number:
                self._answers.words[number] += len(self._token.sub("", plain_text(block)).split())
                contents = self._answers.contents[number]
                contents.update(item.sort for item in self._answers.placed[placed:])
                contents.update(["picture"] if len(self.pictures) > pictures else [])
                contents.update(["formula"] if has_formula(block) else [])
        return self._answers

    def _count_equations(self, blocks: list[Node]) -> None:
        try:
            for latex in formulas_in(blocks):
                self._numbers.add(latex)
        except LabError as error:
            raise self._error(str(error)) from None

    def _is_free(self, heading: str) -> bool:
        """Say whether a heading begins a section that answers no exercise."""
        first, *_ = re.split(r"[\s:.,]", heading.strip().casefold(), maxsplit=1)
        return first in self._lab.words["free_sections"].casefold().split()

    def _number(self, heading: str) -> str:
        known = self._answers.sections
        words = heading.split()
        if words and words[0].casefold() in ("exercise", self._lab.words["exercise"].casefold()):
            del words[0]
        plain = plain_number(words[0]) if words else ""
        number = next((item for item in known if plain_number(item) == plain), plain)
        if number not in known:
            raise self._error(
                f"heading {heading!r}: expected the number of an exercise first, "
                f"received {number!r}, {nearest(number, known)}; or one of the titles "
                f"{', '.join(self._lab.words['free_sections'].split())}"
            )
        return number

    def _error(self, message: str, found: Found | None = None) -> LabError:
        line = f" line {found.line}: {{{{ {found.text} }}}}:" if found else ""
        return LabError(f"{self._lab.answers_path}:{line} {message}")

    # Blocks

    def safe(self, block: Node) -> list[Node]:
        """Return a block that nothing is wrong with."""
        return list(self._blocks([block]))

    def _blocks(self, blocks: list[Node]) -> Iterator[Node]:
        for block in blocks:
            content: Any = block.get("c")
            match block["t"], content:
                case "RawBlock", [_, text]:
                    yield from self._raw_block(text)
                case "CodeBlock", [attributes, text]:
                    yield {"t": "CodeBlock", "c": [_language(attributes), self._restored(text)]}
                case "Header", [level, _, inlines]:
                    # Level 1 is the exercise's; a tagged PDF leaves out no level below it.
                    self._level = min(max(level, 2), self._level + 1)
                    yield self._header(inlines)
                case "Div", [_, inner]:
                    yield from self._blocks(inner)
                case "Figure", [_, [_, caption], inner]:
                    yield from self._figure(caption, inner)
                case "Para" | "Plain", [{"t": "Str", "c": word}] if self._token.fullmatch(word):
                    yield from self._alone(block["t"], word)
                case "Para" | "Plain" as kind, inlines:
                    if safe := self._inlines(inlines):
                        yield {"t": kind, "c": safe}
                case kind, _:
                    yield {"t": kind, "c": self._anything(content)} if content else block

    def _header(self, inlines: list[Node]) -> Node:
        safe = self._inlines(inlines)
        if plain_text(safe).strip():
            return {"t": "Header", "c": [self._level, NO_ATTRIBUTES, safe]}
        # A tagged PDF has no heading without words.
        words = self._restored(plain_text(inlines)).strip()
        self._answers.unheard.append(silent_heading(self._lab, words))
        return {"t": "Para", "c": [{"t": "Strong", "c": safe}]}

    def _described(self, text: list[Node], target: str) -> str:
        """Return what a picture shows in words: if there are none, what it is called."""
        words = self._restored(plain_text(text)).strip()
        if not words:
            target = self._restored(target)
            self._answers.unheard.append(silent_picture(self._lab, target))
        return words or target

    def _raw_block(self, text: str) -> Iterator[Node]:
        if ENVIRONMENT.fullmatch(text):
            yield {"t": "Para", "c": list(self._formula(DISPLAY, text))}
        elif definitions_in(text):
            self._answers.definitions += f"{text}\n"
        elif left := without_comments(self._restored(text)):
            yield {"t": "CodeBlock", "c": [NO_ATTRIBUTES, left]}

    def _alone(self, kind: str, word: str) -> Iterator[Node]:
        """Yield what stands in a paragraph of its own."""
        placeholder, found = self._placeholder(word)
        if placeholder.needs_own_paragraph:
            self._answers.placed.append(placeholder)
            yield from self._block(placeholder, found)
        else:
            yield {"t": kind, "c": self._inlines([string(word)])}

    def _anything(self, content: Any) -> Any:
        """Return the content of a node: lists of lists of blocks and inlines, and plain values."""
        if not isinstance(content, list):
            return self._restored(content) if isinstance(content, str) else content
        if are_attributes(content):
            return NO_ATTRIBUTES
        if content and all(isinstance(item, dict) and "t" in item for item in content):
            if content[0]["t"] in INLINES:
                return self._inlines(content)
            if content[0]["t"] in BLOCKS:
                return list(self._blocks(content))
            return content
        return [self._anything(item) for item in content]

    def _figure(self, caption: list[Node], inner: list[Node]) -> Iterator[Node]:
        """Yield a figure: a picture with a caption; anything else without one."""
        match inner:
            case [{"t": "Plain" | "Para", "c": [{"t": "Image", "c": [attributes, _, target]}]}]:
                text = [
                    inline
                    for block in caption
                    for inline in (block["c"] if block["t"] in ("Plain", "Para") else [])
                ]
                name, label = self.pictures.add(self._restored(target[0]))
                self._answers.pictures.append(label)
                words = self._described(text, target[0])
                start = (
                    f"#own-picture({literal(name)}, alt: {literal(words)}, "
                    f"width: {width_of(attributes)}, label: {literal(label)}, ["
                )
                content = [raw_inline(start), *self._inlines(text), raw_inline("]);")]
                yield {"t": "Para", "c": content}
            case _:
                yield from self._blocks(inner)
                yield from self._blocks(caption)

    # Inlines

    def _inlines(self, inlines: list[Node]) -> list[Node]:
        found: list[Node] = []
        for inline in inlines:
            # Nearly all of a long text are words and blanks.
            if "c" not in inline:
                found.append({"t": inline["t"]})
            elif inline["t"] == "Str" and not self._token.search(inline["c"]):
                found.append(string(breakable(inline["c"])))
            else:
                found += self._inline(inline)
        return found

    def _inline(self, inline: Node) -> Iterator[Node]:
        content: Any = inline.get("c")
        match inline["t"], content:
            case "Str", text:
                yield from self._words(text)
            case "RawInline", [_, text]:
                yield from self._raw(text)
            case "Code", [_, text]:
                yield {"t": "Code", "c": [NO_ATTRIBUTES, breakable(self._restored(text))]}
            case "Math", [kind, formula]:
                yield from self._formula(kind, formula)
            case "Link", [_, text, [target, _]]:
                yield from self._link(text, target)
            case "Image", [attributes, text, [target, _]]:
                name, label = self.pictures.add(self._restored(target))
                self._answers.in_lines.append(label)
                words = self._described(text, target)
                yield raw_inline(
                    f"#inline-picture({literal(name)}, alt: {literal(words)}, "
                    f"width: {width_of(attributes)});"
                )
            case "Span" | "Cite", [_, text]:
                yield from self._inlines(text)
            case kind, _:
                yield {"t": kind, "c": self._anything(content)}

    def _raw(self, text: str) -> Iterator[Node]:
        """Yield LaTeX's environments as formulas, no comments, and the rest as it was typed."""
        if ENVIRONMENT.fullmatch(text):
            yield from self._formula(DISPLAY, text)
        elif definitions_in(text):
            self._answers.definitions += f"{text}\n"
        elif (reference := REFERENCE.fullmatch(text)) and self._numbers.of:
            yield string(self._numbered(self._numbers.shown, reference))
        elif left := without_comments(self._restored(text)):
            yield {"t": "Code", "c": [NO_ATTRIBUTES, left]}

    def _link(self, text: list[Node], target: str) -> Iterator[Node]:
        """Yield a link to the web or an e-mail address; of any other, its words."""
        if re.match(r"(https?|mailto):", target) and not self._token.search(target):
            yield {"t": "Link", "c": [NO_ATTRIBUTES, self._inlines(text), [target, ""]]}
        else:
            yield from self._inlines(text)

    def _words(self, text: str) -> Iterator[Node]:
        """Yield a text with what its placeholders stand for."""
        start = 0
        for match in self._token.finditer(text):
            if text[start : match.start()]:
                yield string(breakable(text[start : match.start()]))
            start = match.end()
            placeholder, found = self._placeholder(match[0])
            if placeholder.needs_own_paragraph:
                raise self._error("expected it in a paragraph of its own", found)
            self._answers.placed.append(placeholder)
            if placeholder.shown:
                self._shown += self._block(placeholder, found)
                placeholder = Placeholder("ref", placeholder.labels[0])
            yield self._elements.inline(placeholder)
        if text[start:]:
            yield string(breakable(text[start:]))

    def _formula(self, kind: Node, formula: str) -> Iterator[Node]:
        def value(match: re.Match[str]) -> str:
            found = self._found[int(match[1])]
            if not found.text.startswith("value:"):
                return f"{{{{{found.text}}}}}"  # braces of LaTeX
            placeholder, _ = self._placeholder(match[0])
            self._answers.placed.append(placeholder)
            return self._elements.formula(placeholder)

        latex = self._numbered(self._numbers.written, self._token.sub(value, formula))
        yield from formula_nodes(latex, kind, "formula" if kind == DISPLAY else "plain-formula")

    def _numbered(self, function: Callable[[Any], str], argument: Any) -> str:
        try:
            return function(argument)
        except LabError as error:
            raise self._error(str(error)) from None

    def _placeholder(self, word: str) -> tuple[Placeholder, Found]:
        match = self._token.fullmatch(word)
        assert match
        found = self._found[int(match[1])]
        try:
            placeholder = placeholders.placeholder_of(found.text, self._lab)
        except LabError as error:
            raise self._error(str(error), found) from None
        return replace(placeholder, line=found.line), found

    def _block(self, placeholder: Placeholder, found: Found) -> list[Node]:
        try:
            return self._elements.block(placeholder)
        except LabError as error:
            raise self._error(str(error), found) from None

    def _restored(self, text: str) -> str:
        """Return a text with its placeholders as they were typed."""
        return self._token.sub(lambda match: "{{ " + self._found[int(match[1])].text + " }}", text)


def _language(attributes: list[Any]) -> list[Any]:
    """Return of the attributes of code the language in which it is highlighted."""
    known = [name for name in attributes[1][:1] if re.fullmatch(r"[A-Za-z][A-Za-z+]{,15}", name)]
    return ["", known, []]


def read_statements(lab: Lab, elements: Elements) -> dict[str, list[Node]]:
    """Return what each exercise asks, as safe blocks."""
    mark = re.compile("(?!)")  # no placeholders: what looks like one stays
    statements = lab.definition.statements(lab.cover.language)
    reader = _Reader(lab, elements, [], mark)
    text = "".join(f"# {number}\n\n{text}\n\n" for number, (_, text) in statements.items())
    found: dict[str, list[Node]] = {number: [] for number in statements}
    current: list[Node] = []
    numbers = iter(statements)
    for block in read_markdown(text):
        if block["t"] == "Header" and block["c"][0] == 1:
            current = found[next(numbers)]
        else:
            current += reader.safe(block)
    return found
