"""Two forms of the same settings: flat, and with a table for each choice."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.errors import SpecError
from nnbook.training.families import FAMILIES, FLAT
from nnbook.training.flat import flat, merged, nested
from nnbook.training.spec import RunSpec, run_spec

BASE: dict[str, Any] = {"hidden_layers": [5, 5], "epochs": 9, "batch_size": 3}
PLAIN: dict[str, Any] = {**BASE, "learning_rate": 0.1}

PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"learning_rate": 0.1}, {"optimizer": {"learning_rate": 0.1}}),
    (
        {"optimizer": "adam", "learning_rate": 0.1},
        {"optimizer": {"name": "adam", "learning_rate": 0.1}},
    ),
    (
        {"optimizer": "adam", "learning_rate": 0.1, "optimizer.beta_2": 0.9},
        {"optimizer": {"name": "adam", "learning_rate": 0.1, "beta_2": 0.9}},
    ),
    (
        {"learning_rate": 0.1, "schedule": "cosine", "final_fraction": 0.1},
        {"learning_rate": 0.1, "schedule": {"name": "cosine", "final_fraction": 0.1}},
    ),
    (
        {"learning_rate": 0.1, "batch_normalization": True, "normalized": "activations"},
        {"learning_rate": 0.1, "normalization": {"name": "batch", "place": "after"}},
    ),
    ({"learning_rate": 0.1, "l2": 0.1}, {"learning_rate": 0.1, "regularizer": {"l2": 0.1}}),
    (
        {"learning_rate": 0.1, "initializer": "random_normal", "initial_deviation": 0.2},
        {"learning_rate": 0.1, "initializer": {"name": "random_normal", "deviation": 0.2}},
    ),
    (
        {"learning_rate": 0.1, "noise": 0.1, "training_fraction": 0.5},
        {"learning_rate": 0.1, "data": {"noise": 0.1, "training_fraction": 0.5}},
    ),
    (
        {"learning_rate": 0.1, "early_stopping.patience": 3},
        {"learning_rate": 0.1, "early_stopping": {"patience": 3}},
    ),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[str(list(pair[0])) for pair in PAIRS])
def test_both_forms_are_the_same_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = run_spec({**BASE, **one}), run_spec({**BASE, **other})
    assert first == second
    assert first.key == second.key
    assert flat(other) == one


def test_the_flat_form_may_say_what_says_nothing() -> None:
    old = {
        **PLAIN,
        "optimizer": "adam",
        "momentum": 0.0,
        "nesterov": False,
        "final_fraction": 1.0,
        "initial_deviation": 0.05,
        "batch_normalization": False,
        "normalized": "pre-activations",
        "training_size": None,
    }
    assert run_spec(old) == run_spec({**PLAIN, "optimizer": "adam"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"learning_rate": 0.2}, {"optimizer": "adam", "learning_rate": 0.2, "optimizer.rho": 1}),
        ({"optimizer": {"rho": 2}}, {"optimizer": "adam", "learning_rate": 1, "optimizer.rho": 2}),
        ({"optimizer.rho": 2}, {"optimizer": "adam", "learning_rate": 1, "optimizer.rho": 2}),
        ({"optimizer": "adam"}, {"optimizer": "adam", "learning_rate": 1, "optimizer.rho": 1}),
        ({"optimizer": "sgd"}, {"optimizer": "sgd", "learning_rate": 1}),
        (
            {"optimizer": {"name": "sgd", "learning_rate": 3}},
            {"optimizer": "sgd", "learning_rate": 3},
        ),
        ({"epochs": 5}, {"optimizer": "adam", "learning_rate": 1, "optimizer.rho": 1, "epochs": 5}),
    ],
)
def test_what_a_change_leaves_of_a_choice(change: dict[str, Any], expected: dict[str, Any]) -> None:
    before = {"optimizer": "adam", "learning_rate": 1, "optimizer.rho": 1}
    assert merged(before, change) == expected
    as_table = {"optimizer": {"name": "adam", "learning_rate": 1, "rho": 1}}
    assert merged(as_table, change) == expected


def test_one_normalization_takes_the_place_of_another() -> None:
    batch, layer = {"batch_normalization": True}, {"normalization": "layer"}
    assert merged(batch, layer) == layer
    assert merged(layer, batch) == batch
    assert merged({**batch, "normalization.momentum": 0.5}, layer) == layer
    assert nested(merged(batch, {"batch_normalization": False})).get("normalization") is None


def test_to_want_no_batch_normalization_says_nothing_of_another() -> None:
    layer = {"normalization": "layer", "normalization.epsilon": 0.1}
    assert merged(layer, {"batch_normalization": False}) == layer
    spec = run_spec({**PLAIN, **layer})
    assert spec.vary(batch_normalization=False) == spec


CONTRADICTIONS = [
    ({"momentum": 0.9, "optimizer": {"momentum": 0.5}}, "momentum.*optimizer.momentum"),
    ({"optimizer": {"momentum": 0.5}, "momentum": 0.9}, "optimizer.momentum.*momentum"),
    ({"optimizer.momentum": 0.5, "momentum": 0.9}, "optimizer.momentum.* and momentum = 0.9"),
    ({"optimizer.rho": 1, "optimizer": {"rho": 2}}, "optimizer.rho = 1 and optimizer.rho = 2"),
    (
        {"normalized": "activations", "normalization": {"place": "before"}},
        "normalized = 'activations' and normalization.place = 'pre-activations'",
    ),
    (
        {"batch_normalization": False, "normalization": "batch"},
        "batch_normalization = False and normalization = 'batch'",
    ),
]


@pytest.mark.parametrize(("settings", "message"), CONTRADICTIONS)
def test_two_forms_that_contradict_each_other_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        flat(settings)


def test_what_is_said_twice_alike_is_said_once() -> None:
    assert flat({"momentum": 0.5, "optimizer": {"momentum": 0.5}}) == {"momentum": 0.5}


def test_a_specification_is_varied_as_a_configuration_is() -> None:
    spec = run_spec({**PLAIN, "optimizer": "sgd", "momentum": 0.9})
    assert spec.vary(learning_rate=0.2).optimizer == spec.optimizer.model_copy(
        update={"learning_rate": 0.2}
    )
    assert spec.vary(seed=3).seed == 3
    assert spec.vary(optimizer={"name": "adam", "learning_rate": 1.0}).setting("momentum") == 0.0


def test_a_record_says_all_settings_in_the_flat_form() -> None:
    spec = run_spec({**PLAIN, "optimizer": "adam"})
    recorded = spec.model_dump(mode="json")
    assert recorded.keys() >= {*FLAT, *BASE, "optimizer", "schedule", "batch_normalization"}
    assert recorded["optimizer"] == "adam"
    assert recorded["momentum"] == 0.0
    assert recorded["hidden_layers"] == [5, 5]
    assert recorded["optimizer.beta_2"] == 0.999
    assert not any(isinstance(value, dict) for value in recorded.values())


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=True, exclude_max=True)


@st.composite
def specifications(draw: st.DrawFn) -> RunSpec:
    chosen: dict[str, Any] = {
        "hidden_layers": draw(st.lists(st.integers(2, 9), min_size=1, max_size=4)),
        "epochs": draw(st.integers(2, 9)),
        "batch_size": draw(st.integers(1, 9)),
        "seed": draw(st.integers(0, 99)),
        "input_dropout": draw(st.sampled_from([0.0, 0.5])),
        "l2": draw(numbers(0, 1)),
    }
    name = draw(st.sampled_from(sorted(FAMILIES["optimizer"].members)))
    optimizer: dict[str, Any] = {"name": name, "learning_rate": draw(numbers(0, 1))}
    for field in FAMILIES["optimizer"].members[name].model_fields.keys() - optimizer.keys():
        if field != "nesterov" and draw(st.booleans()):
            optimizer[field] = draw(numbers(0, 1))
    chosen["optimizer"] = optimizer
    schedule = draw(st.sampled_from(sorted(FAMILIES["schedule"].members)))
    chosen["schedule"] = {"name": schedule, "warm_up": draw(st.sampled_from([0.0, 0.5, 1.0]))}
    if schedule != "constant":
        chosen["schedule"]["final_fraction"] = draw(numbers(0, 1))
    normalization = draw(st.sampled_from([None, "batch", "layer"]))
    if normalization:
        place = draw(st.sampled_from(["before", "after"]))
        chosen["normalization"] = {"name": normalization, "place": place}
    chosen["initializer"] = draw(st.sampled_from(sorted(FAMILIES["initializer"].members)))
    if draw(st.booleans()):
        chosen["early_stopping"] = {"patience": draw(st.integers(1, 9))}
    data = draw(st.sampled_from(["eckerle4", "digits", "mnist"]))
    chosen["data"] = {"name": data}
    if data != "eckerle4" and draw(st.booleans()):
        chosen["data"]["training_size"] = draw(st.integers(20, 1000))
    return run_spec(chosen)


@given(specifications())
@settings(deadline=None)
def test_what_is_recorded_is_read_back(spec: RunSpec) -> None:
    for form in (
        spec.model_dump(mode="json"),
        spec.model_dump(),
        spec.settings(),
        spec.settings(defaults=True),
    ):
        again = run_spec(form)
        assert again == spec
        assert again.key == spec.key
    assert spec.vary() == spec


def test_an_empty_table_means_the_implied_choice_or_is_refused() -> None:
    base = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 2, "batch_size": 5}
    empty, named = (run_spec({**base, "early_stopping": table}) for table in ({}, "patience"))
    assert empty.key == named.key != run_spec(base).key
    assert run_spec(base).vary(early_stopping={}).key == named.key
    assert run_spec({**base, "optimizer": "adam"}).vary(optimizer={}).optimizer.name == "adam"
    with pytest.raises(SpecError, match="normalization: expected a table with a name"):
        run_spec({**base, "normalization": {}})
