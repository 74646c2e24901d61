"""What can be found on a page: its places, their texts, terms and numbers."""

import json

import pytest

from tests.publishing import small_book

PAGE = r"""# Chapter

About a {term}`loss` and $W^l$ {eq}`rate`.

(sec-small-part)=
## Part

Before.

$$
a = b
$$ (rate)

```python
print("code")
```

### Inner part

Text of the inner part.

| symbol | meaning |
|---|---|
| $\delta$ | error |

```{glossary}
loss
  What is made small.
```

```{py:function} small.function()
What it does.
```

```{table} Rates of all
:name: tab-rates
| rate |
|---|
| 0.1 |
```

```{exercise} Why
:label: ex-why

Where does it jump?
```

```{solution} ex-why
:class: dropdown

At $w^*$.
```
"""
SETTINGS = """
numfig = True
extensions.append("sphinx_exercise")
nnbook_search_titles_only = ["quiet"]
nnbook_search_weights = {"qui*": 0.5}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    (folder / "conf.py").write_text(small_book.CONF + SETTINGS)
    (folder / "quiet.md").write_text("# Quiet\n\nSilence.\n")
    (folder / "index.md").write_text(PAGE + "\n```{toctree}\nquiet\n```\n")
    return folder


def index(folder):
    """Build a book, and return its pages and places by their titles."""
    built = small_book.build(folder)
    assert built.returncode == 0, built.stderr
    text = (folder / "html" / "_static" / "search.js").read_text(encoding="utf-8")
    content = json.loads(text.rpartition("nnbookSearch.fill(")[2].removesuffix(");\n"))
    names = ("page", "anchor", "title", "text", "marks", "labels", "numbers", "is_box", "figures")
    places = [dict(zip(names, place, strict=True)) for place in content["places"]]
    return content["pages"], {place["title"]: place for place in places}


def test_places_with_their_texts_terms_and_numbers(book):
    pages, places = index(book)
    assert pages == [["index.html", "Chapter", 1.0], ["quiet.html", "Quiet", 0.5]]
    exercise, solution = "Exercise 1 (Why)", "Solution to Exercise 1 (Why)"
    assert set(places) == {
        *("Chapter", "Part", "Inner part", "loss", "function", "Quiet"),
        *(exercise, solution),
    }
    chapter, part, inner = (places[title] for title in ("Chapter", "Part", "Inner part"))
    assert chapter["text"] == "About a loss and Wˡ (1)."
    assert chapter["marks"] == "loss"
    assert part["text"] == "Before. a = b"
    assert part["numbers"] == "(1) 1"
    assert part["labels"] == "small-part"
    assert part["anchor"] in {"part", "sec-small-part"}
    assert inner["text"] == (
        "Text of the inner part. symbol meaning δ error Table 1: Rates of all rate 0.1"
    )
    assert inner["figures"] == {"table 1": "tab-rates"}
    assert (places[exercise]["text"], places[exercise]["is_box"]) == ("Where does it jump?", 1)
    assert (places[solution]["text"], places[solution]["is_box"]) == ("At w*.", 1)
    assert inner["numbers"] == "δ"
    assert (places["loss"]["anchor"], places["loss"]["text"]) == (
        "term-loss",
        "What is made small.",
    )
    assert places["function"]["anchor"] == "small.function"
    assert places["Quiet"]["text"] == ""


def test_pages_that_stay_the_same_are_remembered_and_others_forgotten(book):
    index(book)
    (book / "quiet.md").write_text("# Silent\n\nSilence.\n")
    assert {"Inner part", "Silent"} <= set(index(book)[1])
    (book / "quiet.md").unlink()
    (book / "index.md").write_text(PAGE)
    pages, places = index(book)
    assert [name for name, *_ in pages] == ["index.html"]
    assert "Silent" not in places


def test_sphinx_makes_no_index_of_its_own(book):
    index(book)
    assert not (book / "html" / "searchindex.js").exists()
    assert "<noscript>" in (book / "html" / "search.html").read_text(encoding="utf-8")
