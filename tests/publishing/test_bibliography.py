"""How works are named and sorted."""

from pybtex.database import parse_string

from nnbook.publishing.bibliography import Style, name_of, tell_years_apart

WORKS = r"""
@misc{z, author={{National Institute}}, title={Data}, year={1999}}
@misc{a, author={LeCun, Yann and Bottou, L{\'e}on and Bengio, Y}, title={G}, year={1998}}
@misc{b, author={LeCun, Yann and Bottou, L{\'e}on and Orr, G}, title={E}, year={1998}}
@misc{c, author={Mont{\'u}far, Guido}, title={Fits}, year={1978}}
@misc{d, author={Montzoom, Ann}, title={Fits}, year={1977}}
@misc{e, author={van Laarhoven, Twan}, title={Penalties}, year={2017}}
@misc{f, author={Oates, Ann}, title={Oats}, year={2001}}
"""


def entries():
    data = parse_string(WORKS, "bibtex")
    tell_years_apart(data.entries.values())
    return data.entries


def test_works_are_sorted_as_they_are_named_without_heed_of_accents_and_braces():
    style = Style()
    labels = list(style.format_labels(style.sort(entries().values())))
    assert labels == [
        "LeCun et al. 1998a",
        "LeCun et al. 1998b",
        "Montúfar 1978",
        "Montzoom 1977",
        "National Institute 1999",
        "Oates 2001",
        "van Laarhoven 2017",
    ]


def test_letters_tell_apart_what_would_be_cited_alike_and_stay_the_same():
    works = entries()
    assert [works[key].fields["year"] for key in "abc"] == ["1998a", "1998b", "1978"]
    tell_years_apart(works.values())
    assert [name_of(works[key]) for key in "ab"] == ["LeCun et al. 1998a", "LeCun et al. 1998b"]
