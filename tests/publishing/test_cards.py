"""Cards: what is cut out of the page that a link leads to, and how it is kept for another page."""

import json

import pytest

from nnbook.publishing.delivery.cards import Cards, Target, leads_to, links, mark

CHAPTER = """<html><nav><a class="reference internal" href="#formula">menu</a></nav><article>
<section id="top"><h1>5. Momentum<a class="headerlink" href="#top">#</a></h1>
<p>It lasts, see <a class="reference internal" href="#formula">(5.1)</a>.</p>
<p>Another paragraph.</p>
<div class="math notranslate" id="formula"><div class="nnb-scroll" tabindex="0"><div>u</div></div>
<span class="eqno">(5.1)<a class="headerlink" href="#formula">#</a></span></div>
<figure class="align-default" id="fig"><a class="nnb-enlarge" href="../_images/a.svg"><img
alt="A" loading="lazy" src="../_images/a.svg" /></a><figcaption id="c">Paths.</figcaption></figure>
<span id="label"></span><section id="how"><h2>5.1. How</h2><div class="exercise admonition" id="ex">
<p class="admonition-title">Exercise 5.1</p><div id="x"><p>Try.</p></div></div></section>
<p>In a text <span id="mark"></span>an anchor</p><h2>5.2. Last</h2><p>End.</p>
</section></article></html>"""
GLOSSARY = """<article><dl><dt id="term-a">a<a class="headerlink" href="#term-a">#</a></dt>
<dt id="term-b">b</dt><dd><p>Of <a class="reference internal" href="#term-a">a</a>.</p>
<dl><dd>inner</dd></dl></dd><dt id="other">not a term</dt></dl>
<div class="citation" id="id7" role="listitem"><span>[4]</span>
<p>Polyak. <em>Some methods</em>. <a href="https://doi.org/1">doi</a></p></div>
<div class="nnb-claim-entry container" id="claim-a"><p>It holds.</p></div></article>"""
PAGES = {"learning/momentum.html": CHAPTER, "reference/glossary.html": GLOSSARY}


@pytest.fixture
def cards(tmp_path):
    return Cards(tmp_path, PAGES)


@pytest.mark.parametrize(
    ("anchor", "kind", "content"),
    [
        ("", "chapter", "<p><strong>5. Momentum</strong></p><p>It lasts"),
        ("top", "chapter", "<p><strong>5. Momentum</strong></p><p>It lasts"),
        ("formula", "equation", '<div class="math notranslate"><div class="nnb-scroll"><div>u'),
        ("fig", "figure", '<figure class="align-default"><img\nalt="A" src="../_images/a.svg" />'),
        ("ex", "exercise", '<div class="exercise admonition">'),
    ],
)
def test_a_card_shows_what_an_anchor_marks(anchor, kind, content):
    card = Target(CHAPTER).card(anchor)
    assert card.kind == kind
    assert card.content.startswith(content)
    assert card.content.count("<div") == card.content.count("</div>")
    assert " id=" not in card.content and "headerlink" not in card.content


def test_where_a_claim_is_used_the_card_shows_the_paragraph():
    use = '<a class="nnb-claim reference internal" href="c.html#claim-a" id="use-{}">97 %</a>'
    text = (
        f"<article><p>Before.</p><p>It <em>reaches</em> {use.format(1)}, mostly.</p>{use.format(2)}"
    )
    target = Target(f"{text}<p>After.</p></article>")
    card = target.card("use-1")
    assert card.kind == "passage"
    assert card.content.startswith("<p>It <em>reaches</em> <a")
    assert card.content.endswith("97 %</a>, mostly.</p>")
    assert target.card("use-2") is None


def test_what_marks_no_thing_has_no_card():
    assert Target(CHAPTER).card("mark") is None
    assert Target(CHAPTER).card("nowhere") is None
    assert Target(GLOSSARY).card("other") is None
    assert Target("<html>no article</html>").card("") is None


def test_a_section_without_a_paragraph_of_its_own_has_no_card():
    text = "<article><section id='s'><h2>A</h2><h2>B</h2><p>b</p></section></article>"
    assert Target(text.replace("'", '"')).card("s") is None


def test_terms_share_a_definition():
    for anchor, name in (("term-a", "a"), ("term-b", "b")):
        content = Target(GLOSSARY).card(anchor).content
        assert content.startswith(f"<p><strong>{name}</strong></p><p>Of")
        assert content.endswith("<dl><dd>inner</dd></dl>")


def test_addresses_are_those_of_the_page_that_shows_the_card(cards):
    links = [
        "../reference/glossary.html#term-b",
        "#formula",
        "#fig",
        "../reference/glossary.html#id7",
    ]
    found = cards.of("learning/momentum.html", [*links, "#nowhere", "missing.html"])
    assert list(found) == links
    assert 'href="../reference/glossary.html#term-a"' in found[links[0]].content
    assert 'href="https://doi.org/1"' in found[links[3]].content
    assert 'src="../_images/a.svg"' in found["#fig"].content
    found = cards.of("index.html", ["learning/momentum.html", "learning/momentum.html#fig"])
    assert 'href="learning/momentum.html#formula"' in found["learning/momentum.html"].content
    assert 'src="_images/a.svg"' in found["learning/momentum.html#fig"].content


def test_the_claim_is_shown_as_in_the_list(cards):
    link = "../reference/glossary.html#claim-a"
    assert cards.of("learning/momentum.html", [link])[link].kind == "claim"


def test_links_with_a_card_are_marked_once(cards):
    assert links(CHAPTER) == ["#formula"], "what stands in a menu has no card"
    found = cards.of("learning/momentum.html", links(CHAPTER))
    once = mark(CHAPTER, found)
    assert once.count('href="#formula" data-card>') == 1
    assert mark(once, found) == once
    assert " data-card" not in mark(once, {})


def test_a_page_is_no_card_of_itself(cards):
    assert cards.of("learning/momentum.html", [""]) == {}
    assert leads_to("learning/momentum.html", "../index.html#a") == ("index.html", "a")
    assert leads_to("learning/momentum.html", "#a") == ("learning/momentum.html", "a")


def test_the_cards_of_a_page_are_a_script_whose_address_follows_its_content(cards, tmp_path):
    page = "learning/momentum.html"
    address = cards.write(page, cards.of(page, ["#formula"]))
    path, _, version = address.partition("?v=")
    script = (tmp_path / path).read_text(encoding="utf-8")
    content = json.loads(script.removeprefix("nnbookCards(").removesuffix(")"))
    kind, way, _ = content["#formula"]
    assert (kind, way) == ("equation", "Go to the equation")
    assert cards.write(page, {}) != address
    assert len(version) == 8
