import pytest

from nnbook import errors


def test_every_error_is_the_users() -> None:
    names = [name for name in vars(errors) if name.endswith("Error")]
    assert len(names) >= 6
    for name in names:
        assert issubclass(getattr(errors, name), errors.NNBookError)


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("hiden_layers", ["hidden_layers", "epochs"], "did you mean 'hidden_layers'?"),
        ("zzz", ["b", "a"], "known are 'a', 'b'"),
    ],
)
def test_the_nearest_name_is_offered_or_those_known(name: str, known: list[str], hint: str) -> None:
    assert errors.nearest(name, known) == hint


def test_of_a_long_list_so_many_are_named_as_one_reads() -> None:
    hint = errors.nearest("zzz", [f"claim-{n:03}" for n in range(400)])
    assert hint.endswith("'claim-019' and 380 more")
