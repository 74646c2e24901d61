"""Sets Typst code: a program of its own, since what it sets was written by strangers.

`nnbook.lab.typst` starts it with limits. A job is read from stdin as JSON:

- ``root``, ``fonts``: folders; nothing outside of ``root`` is read, but fonts in ``fonts``;
- ``main``: the code's file; or ``trials``: codes, each of which is set for itself; or
  ``characters``: a text, of which the numbers of those are found that cannot be printed;
- ``system_fonts``, ``standards``, ``moment`` (seconds since 1970): of a PDF;
- ``dots_per_inch``: makes pictures of the pages in place of a PDF;
- ``out``: where ``main.pdf``, or ``0.png`` and so on, are written.

On stdout are lines of JSON: the warnings or the error of the document, or of each trial.
"""

import datetime
import json
import re
import sys
from pathlib import Path
from typing import Any

import typst


def main() -> None:
    """Carry out a job."""
    job = json.loads(sys.stdin.buffer.read())
    if "trials" in job:
        for code in job["trials"]:
            _say(_tried(job, code))
    elif "characters" in job:
        _say({"unprintable": _unprintable(job)})
    else:
        _say(_set(job))


def _say(result: dict[str, Any]) -> None:
    print(json.dumps(result), flush=True)


def _tried(job: dict[str, Any], code: str) -> dict[str, Any]:
    try:
        _compiler(job, code.encode()).compile(format="pdf")
    except typst.TypstError as error:
        return _problem(error)
    return {}


def _unprintable(job: dict[str, Any]) -> list[int]:
    """Return which characters a PDF/A cannot have: Typst names the lines of all of them."""
    lines = [rf'#"\u{{{ord(character):x}}}"' for character in job["characters"]]
    found: list[int] = []
    while True:
        shown = ["" if number in found else line for number, line in enumerate(lines)]
        code = "\n\n".join(['#set document(title: "x")', *shown])
        try:
            _compiler(job, code.encode()).compile(format="pdf", pdf_standards=["a-3a"])
        except typst.TypstError as error:
            places = re.findall(r"┌─ .*:(\d+):\d+$", error.diagnostic, flags=re.MULTILINE)
            new = {int(place) // 2 - 1 for place in places} - set(found)
            if not new:
                raise
            found += sorted(new)
        else:
            return sorted(found)


def _set(job: dict[str, Any]) -> dict[str, Any]:
    out = Path(job["out"])
    compiler = _compiler(job, job["main"])
    try:
        if job.get("dots_per_inch"):
            made = compiler.compile(format="png", ppi=job["dots_per_inch"])
            pages = made if isinstance(made, list) else [made] if made else []
            for number, page in enumerate(pages):
                (out / f"{number}.png").write_bytes(page)
            return {"pages": len(pages)}
        moment = datetime.datetime.fromtimestamp(job["moment"], datetime.UTC)
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=job["standards"], timestamp=moment
        )
    except typst.TypstError as error:
        return _problem(error)
    assert isinstance(pdf, bytes)
    (out / "main.pdf").write_bytes(pdf)
    return {"warnings": [warning.message for warning in warnings]}


def _compiler(job: dict[str, Any], code: str | bytes) -> typst.Compiler:
    nothing = str(Path(job["root"]) / "none")
    return typst.Compiler(
        code,
        root=job["root"],
        font_paths=job["fonts"],
        ignore_system_fonts=not job.get("system_fonts", False),
        package_path=nothing,
        package_cache_path=nothing,
    )


def _problem(error: typst.TypstError) -> dict[str, Any]:
    return {"error": error.message, "hints": list(error.hints or [])}


if __name__ == "__main__":
    main()
