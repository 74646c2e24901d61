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
def test_the_nearest_name_is_offered_or_all_are(name: str, known: list[str], hint: str) -> None:
    assert errors.nearest(name, known) == hint
