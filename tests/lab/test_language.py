import pytest

from nnbook.lab.language import Words, _problems, known_language, known_languages
from nnbook.lab.marking.pages import CAPTIONS, bare
from nnbook.metrics import RECORDED
from nnbook.training.families import FAMILIES
from nnbook.training.spec import setting_names

NAMES = {"adadelta", "adagrad", "adam", "adamw", "nadam", "rmsprop", "sgd", "tanh", "l1_l2"}
"""Names of their own, which no language translates."""


@pytest.mark.parametrize("language", known_languages())
def test_a_language_has_all_texts_with_their_fields(language: str) -> None:
    assert list(_problems(known_language(language).texts, known_language("en").texts)) == []


@pytest.mark.parametrize("language", known_languages())
def test_the_beginning_of_a_caption_says_what_is_shown(language: str) -> None:
    words = Words(language)
    starts = {key: bare(words[key].partition("{")[0]) for key in set(CAPTIONS.values())}
    for key, start in starts.items():
        others = [other for name, other in starts.items() if name != key]
        assert start and not any(start in other for other in others)


@pytest.mark.parametrize("language", [name for name in known_languages() if name != "en"])
def test_a_language_names_every_metric_and_setting(language: str) -> None:
    content = known_language(language)
    assert set(content.metrics) >= set(RECORDED)
    assert set(content.settings) >= set(setting_names())
    values = {
        name for setting, family in FAMILIES.items() if setting != "data" for name in family.members
    }
    assert values - NAMES <= set(content.values)


def test_numbers_points_and_intervals_have_the_marks_of_the_language() -> None:
    words = Words("de")
    shown = words.show("test_loss", 1234.5, 1230.25, 1238.75)
    assert words.interval(shown).replace("\xa0", " ") == "1 230 bis 1 239"
    assert words.points(1.5) == "1,5 Punkte"


def test_where_all_runs_agree_a_dash_stands_for_the_interval() -> None:
    words = Words("en")
    assert words.interval(words.show("test_accuracy", 0.1135)) == "–"
