import json
import unicodedata
from pathlib import Path

from nnbook.lab import typst
from nnbook.lab.characters import PRINTED, characters_of


def test_typst_prints_all_of_which_it_is_not_asked(tmp_path: Path) -> None:
    known = [chr(n) for first, last in PRINTED for n in range(first, last + 1)]
    shown = [c for c in known if unicodedata.category(c) not in ("Cc", "Cs")]
    assert len(shown) > 2500 and characters_of("".join(known)) == ""
    # This is `unprintable` without the fonts of this machine, which others may not have.
    job = {**typst._with_fonts(tmp_path), "characters": "".join([*shown, "\ue000"])}
    [lacking] = json.loads(typst._typesetter(job, typst.LIMITS))["unprintable"]
    assert lacking == len(shown)


def test_of_other_characters_each_is_asked_once() -> None:
    assert characters_of("a\u4e00b漢Ω\u4e00\ue000é") == "\u4e00漢\ue000"
