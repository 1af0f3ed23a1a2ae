"""Names of types whose metaclass is in the way."""

import pytest

from asynclog.typenames import nested_name, short_name


class Meta(type):
    """Raises whenever it is asked for anything."""

    def __getattribute__(cls, name):
        raise RuntimeError(name)


Odd = Meta("Odd", (), {})


def test_a_metaclass_that_raises_is_not_asked():
    """Python knows the names all the same."""
    with pytest.raises(RuntimeError):
        Odd.__name__  # noqa: B018 - the premise
    assert (short_name(Odd), nested_name(Odd)) == ("Odd", "Odd")


def test_of_a_plain_type():
    """The two differ where one stands within another."""

    class Inner:
        pass

    assert short_name(Inner) == "Inner"
    assert nested_name(Inner) == "test_of_a_plain_type.<locals>.Inner"


def test_a_name_is_an_exact_str():
    """A subclass of `str` may lie in any of its methods."""
    name = type("Name", (str,), {})("Kind")
    assert type(short_name(type(name, (), {}))) is str
