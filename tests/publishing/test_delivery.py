"""How pages are made ready for readers: their markup, their images, their one stylesheet."""

import json

import pytest
from bs4 import BeautifulSoup

from nnbook.errors import NNBookError
from nnbook.publishing.delivery import hooks, icons, images, stylesheet
from nnbook.publishing.delivery.icons import UnknownIconError
from nnbook.publishing.delivery.markup import Assets, Page, Part
from nnbook.publishing.drawing.svg import carry

PAGE = """<!DOCTYPE html>
<html lang="en" data-content_root="../">
  <head>
    <meta charset="utf-8" />
    <link rel="stylesheet" href="../_static/a.css?v=1" />
    <link rel="icon" href="../_static/favicon.svg" />
    <link rel="preload" as="script" href="../_static/fontawesome.js" />
    <script>document.documentElement.dataset.theme = localStorage.getItem("theme")</script>
    <script src="../_static/a.js"></script>
    <script>let hint = "<i class='fas fa-code'></i>"</script>
    <script src="../_static/fontawesome.js"></script>
  </head>
  <body>
    <i class="fas fa-code fa-lg" title="Source"></i>
    <article><p id="x">a</p><p id="x">b</p><script src="of-the-text.js"></script></article>
    <script src="https://elsewhere.example/b.js"></script>
  </body>
</html>
"""
USED = stylesheet.Used(frozenset({"html", "p"}), frozenset({"here"}), frozenset({"later"}))


def page():
    return Page("part/page.html", PAGE)


def test_what_a_page_loads_of_its_site_is_taken_out():
    one = page()
    loaded = one.take_assets(lambda path: "fontawesome" in path)
    assert loaded.styles == (Part("_static/a.css", ""),)
    assert loaded.scripts[0] == Part("_static/a.js", "")
    assert [part.file for part in loaded.scripts] == ["_static/a.js", None]
    assert "fontawesome" not in one.text
    assert "favicon.svg" in one.text
    assert "of-the-text.js" in one.text
    assert "https://elsewhere.example/b.js" in one.text


def test_a_page_chooses_its_theme_before_its_style_is_loaded():
    one = page()
    one.take_assets(lambda path: False)
    one.put_assets("first()", Assets("page.css?v=1", "page.js?v=1", "s.js", ("a.woff2",)))
    [script] = BeautifulSoup(one.text, "html.parser").head.find_all("script")
    assert (script.string, script["data-script"]) == ("first()", "../page.js?v=1")
    assert "data-fonts" not in script.attrs, "a page without formulas"
    assert one.text.index("first()") < one.text.index("../page.css?v=1")
    assert one.is_delivered
    one.text = one.text.replace('<p id="x">', '<p><span class="katex"></span>')
    one.point_to("then()", Assets("page.css?v=2", "page.js?v=2", "s.js?v=2", ("a.woff2?v=2",)))
    assert one.text.count("?v=2") == 4
    assert one.text.count('<span class="katex">') == 2
    assert "first()" not in one.text


def test_the_first_image_is_loaded_at_once_if_it_is_near(tmp_path):
    (tmp_path / "a.svg").write_text('<svg width="8" height="8"></svg>')
    one = Page(
        "page.html", '<article><img src="a.svg"><script></script><img src="a.svg"></article>'
    )
    one.size_images(tmp_path)
    images = BeautifulSoup(one.text, "html.parser").find_all("img")
    assert [image.get("loading") for image in images] == [None, "lazy"]
    one.text = '<nav><a><img src="a.svg"></a></nav><article></article><p><img src="a.svg"></p>'
    one.size_images(tmp_path)
    images = BeautifulSoup(one.text, "html.parser").find_all("img")
    assert [(i["loading"], i["width"], i["height"]) for i in images] == [("lazy", "8", "8")] * 2
    assert "nnb-enlarge" not in one.text
    one.text = "<article>" + "long " * 5000 + '<img src="a.svg"></article>'
    one.size_images(tmp_path)
    assert 'loading="lazy"' in one.text


def test_icons_are_drawn_and_scripts_are_left_alone():
    one = page()
    one.draw_icons()
    drawn = BeautifulSoup(one.text, "html.parser").body.svg
    assert drawn["class"] == ["nnb-icon", "fa-lg"]
    assert drawn.title.string == "Source"
    assert "<i class='fas fa-code'></i>" in one.text
    with pytest.raises(UnknownIconError, match="unheard-of"):
        icons.draw('<i class="fas fa-unheard-of"></i>')


def test_identifiers_become_unique():
    one = page()
    one.mend_ids()
    ids = [element["id"] for element in BeautifulSoup(one.text, "html.parser").find_all(id=True)]
    assert ids == ["x", "x-2"]


def test_names_of_modules_break_after_their_dots():
    name = '<span class="sig-prename descclassname"><span class="pre">a.b_c.</span></span>'
    one = Page("a.html", name + "<p>a.b</p>")
    one.break_names()
    assert one.text == name.replace("a.b_c.", "a.<wbr />b_c.<wbr />") + "<p>a.b</p>"


def test_images_declare_their_size_and_small_letters_ask_for_room(tmp_path):
    text = '<text style="font: 10px sans-serif"/><text style="font: 7px sans-serif"/>'
    svg = f'<svg width="360pt" height="180pt" viewBox="0 0 360 180">{text}</svg>'
    (tmp_path / "a.svg").write_text(svg)
    made = images.declare('<img src="a.svg" alt="A">', tmp_path)
    link = BeautifulSoup(made, "html.parser").a
    assert link["href"] == "a.svg"
    assert (link.img["width"], link.img["height"]) == ("480", "240")
    assert link.img["loading"] == "lazy"
    assert link.img["style"] == "--least:396px"  # 480 px show 10 units as 13.3 px; 396 as 11


def test_a_figure_has_a_form_for_narrow_screens_and_its_values_beside_it(tmp_path):
    def svg(width, size):
        text = f'<text style="font-size: {size}px"/>'
        return f'<svg width="{width}pt" height="90pt" viewBox="0 0 {width} 90">{text}</svg>'

    line = {"label": "a", "x": list(range(1000)), "y": list(range(1000))}
    things = {"panels": [{"series": [line]}], "boxes": [[[0, 0, 1, 1]]], "narrow": svg(270, 9)}
    (tmp_path / "a.svg").write_text(carry(svg(450, 9), **things))
    for _ in range(2):  # a page may be written again with the same figure
        made = images.declare('<img src="a.svg" alt="A">', tmp_path)
        source, image = BeautifulSoup(made, "html.parser").select("a > picture > *")
        assert (source["media"], source["srcset"]) == (images.NARROW, "a-narrow.svg")
        assert (source["width"], image["width"], image["data-values"]) == ("360", "600", "a")
        assert image["style"] == "--least:550px;--least-narrow:330px"
    assert (tmp_path / "a.svg").read_text() == svg(450, 9)
    assert (tmp_path / "a-narrow.svg").read_text() == svg(270, 9)
    script = (tmp_path / "a.js").read_text()
    name, [panel], _ = json.loads(script.removeprefix("nnbookValues(...").removesuffix(")"))
    assert name == "a" and 300 < len(panel["series"][0]["x"]) <= 400


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        (".here p{color:red}.gone{color:red}", ".here p{color:red}"),
        (".gone,.later{color:red}", ".later{color:red}"),
        ("@media print{.gone{color:red}}", ""),
        (":is(.gone,.here):not(.gone){color:red}", ":is(.gone,.here):not(.gone){color:red}"),
        ("p{--a:1;--b:2;width:var(--b)}", "p{--b:2;width:var(--b)}"),
        ("@keyframes k{to{top:0}}p{color:red}", "p{color:red}"),
        ('p{content:";}.gone{"}', 'p{content:";}.gone{"}'),
    ],
)
def test_the_stylesheet_keeps_what_is_used(sheet, left):
    assert stylesheet.combine([sheet], USED) == left


def test_the_dark_theme_is_for_screens():
    dark, light = (f'html[data-theme="{name}"] p{{color:red}}' for name in ("dark", "light"))
    assert stylesheet.combine([dark], USED) == f"@media screen{{{dark}}}"
    printed = "@media print{html[data-theme] p{color:red}}"
    assert stylesheet.combine([light], USED) == light + printed


def test_boxes_to_be_opened_become_details_also_within_each_other():
    title = '<p class="admonition-title">{}</p>'
    box = f'<div class="solution dropdown admonition" id="{{}}">{title}{{}}</div>'
    inner = f"<div>{box.format(2, '<a>B</a>', 'b')}</div>"
    one = Page("a.html", f"<div>{box.format(1, 'A', inner)}</div>")
    one.text += "<script>let s = '</div>'</script>"
    one.fold_solutions()
    soup = BeautifulSoup(one.text, "html.parser")
    assert [d["id"] for d in soup.select("div > details.admonition")] == ["1", "2"]
    assert soup.select_one("details > div > details > summary.admonition-title").get_text() == "B"
    assert not soup.select("summary a"), "nothing within a control may be another"
    assert one.text.count("</div>") == 3  # two, and one in the script


def test_what_folds_is_called_what_it_shows_or_what_is_written_on_it():
    arrow = '<li><a href="api.html">41. A &amp; B</a><details><summary><svg/></summary></details>'
    bar = (
        '<details class="hide"><summary aria-label="Toggle hidden content">\n'
        '<p class="collapsed admonition-title">Show</p>\n'
        '<p class="expanded admonition-title">Hide</p>\n</summary></details>'
    )
    one = Page("a.html", arrow + bar)
    one.name_parts()
    soup = BeautifulSoup(one.text, "html.parser")
    names = [s.get("aria-label") for s in soup.select("summary")]
    assert names == ["Pages of: 41. A & B", None]
    assert [s.get_text() for s in soup.select("summary span")] == ["Show", "Hide"]
    assert not soup.p, "a summary holds no paragraphs"


def test_cards_have_headings_one_level_below_their_section():
    title = '<div class="sd-card-title">A</div>'
    text = f"<section>{title}<section>{title}</section><section></section>{title}</section>"
    one = Page("a.html", text)
    one.name_parts()
    titles = BeautifulSoup(one.text, "html.parser").select(".sd-card-title")
    assert [t["role"] for t in titles] == ["heading"] * 3
    assert [t["aria-level"] for t in titles] == ["2", "3", "2"]


HEADER = """<title>1. A &amp; B &#8212; Book</title>
<div class="header-article-item"><button class="sidebar-toggle primary-toggle btn"\
 title="Toggle primary sidebar">x</button></div>
<div class="article-header-buttons">
<div class="dropdown"><button class="btn dropdown-toggle" aria-label="Download">
<svg></svg></button><ul class="dropdown-menu"><li><a href="a.ipynb">A</a></li></ul></div>
<button onclick="toggleFullScreen()" class="btn" title="Fullscreen mode"></button>
<button class="btn search-button"></button><button class="sidebar-toggle secondary-toggle btn"\
 title="Toggle secondary sidebar"></button>
</div>"""


def test_a_header_names_its_page_and_has_one_box_of_menus():
    one = Page("a.html", HEADER)
    one.arrange_header()
    soup = BeautifulSoup(one.text, "html.parser")
    assert soup.select_one(".header-article-item + .nnb-here").get_text() == "1. A & B"
    box = soup.select_one("[popover]")
    assert soup.select_one(".nnb-menus")["popovertarget"] == box["id"]
    assert [part["aria-label"] for part in box.select("ul, .btn:not(.dropdown-toggle)")] == [
        "Download",
        "Fullscreen mode",
    ]
    assert [b["class"][-1] for b in box.find_next_siblings("button")] == ["search-button", "btn"]
    assert [b["title"] for b in soup.select(".sidebar-toggle")] == [
        "Contents of the book",
        "Contents of this page",
    ]


def test_the_sidebar_tells_screen_readers_which_page_this_is():
    others = '<li class="current"><a class="reference internal" href="../a.html">A</a></li>'
    one = Page("a.html", f'{others}<a class="current reference internal" href="#">B</a>')
    one.name_parts()
    marked = BeautifulSoup(one.text, "html.parser").select("[aria-current=page]")
    assert [link.get_text() for link in marked] == ["B"]


def test_a_page_has_no_second_list_of_contents_for_print():
    printed = '<div id="jb-print-toc"><div><h2>Contents</h2></div><nav><ul></ul></nav></div>'
    one = Page("a.html", f"<div><h1>A</h1>{printed}</div>")
    one.drop_second_contents()
    assert one.text == "<div><h1>A</h1></div>"


def test_files_that_the_theme_offers_are_kept_and_not_shown():
    button = '<a href="{}" target="_blank"\n   class="btn btn-sm btn-{}-button">'
    one = Page("a.html", button.format("a.ipynb", "download-notebook"))
    one.keep_files()
    [link] = BeautifulSoup(one.text, "html.parser").select("a")
    assert link.has_attr("download")
    assert not link.has_attr("target")
    other = button.format("https://example.org/edit", "source-edit")
    one = Page("a.html", other)
    one.keep_files()
    assert one.text == other


def test_an_empty_corner_of_a_table_is_no_header():
    one = Page("a.html", '<tr><th scope="col"></th><th class="c"><p></p></th><th>a</th></tr>')
    one.name_parts()
    assert one.text == '<tr><td></td><td class="c"></td><th>a</th></tr>'


def test_the_title_of_a_page_stands_on_each_sheet_of_paper():
    one = page()
    title = '<title>1. &lt;A&gt; "B" &#8212; Book</title>'
    one.text = one.text.replace("<head>", f"<head>{title}")
    one.put_assets("", Assets("a.css", "a.js", "s.js"))
    assert r'@page{@top-center{content:"1. \3c A> \"B\""}}' in one.text


def test_the_front_page_is_not_named_twice():
    one = page()
    one.text = one.text.replace("<head>", "<head><title>A &amp; B &#8212; A &amp; B</title>")
    one.put_assets("", Assets("a.css", "a.js", "s.js"))
    assert "<title>A &amp; B</title>" in one.text
    assert 'content:"A & B"' in one.text


def test_pages_are_prepared_side_by_side_as_they_are_alone(tmp_path):
    alone = page()
    found = hooks._prepare(alone, tmp_path)
    many = [Page(f"part/{number}.html", PAGE) for number in range(hooks._MANY)]
    seen = hooks._prepared(many, tmp_path)
    assert seen == {one.name: found for one in many}
    assert {one.text for one in many} == {alone.text}
    assert alone.text != PAGE


def test_what_is_wrong_with_a_page_is_said_once_also_side_by_side(tmp_path):
    text = PAGE.replace("fas fa-code fa-lg", "fas fa-no-such-icon")
    many = [Page(f"{number}.html", text) for number in range(hooks._MANY)]
    with pytest.raises(NNBookError, match=r"^A page shows the icon '[\w-]*no-such-icon', which"):
        hooks._prepared(many, tmp_path)
