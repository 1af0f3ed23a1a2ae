"""URLs of stores."""

import pytest

from asynclog.central.stores.addresses import is_store_url, parse_store_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///events.db", "events.db"),
        ("sqlite:////var/log/events.db", "/var/log/events.db"),
        ("sqlite:///my%20events.db", "my events.db"),
    ],
)
def test_a_file(url, path):
    """Three slashes are from here, four from the root."""
    assert parse_store_url(url).path == path


def test_a_server_is_shown_without_its_password():
    """Wherever the address is printed."""
    found = parse_store_url("postgres://me:secret@db:5433/events")

    assert (found.kind, found.place) == ("postgresql", "db:5433/events")
    assert found.url == "postgresql://me:secret@db:5433/events"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "events.db",
        "sqlite://events.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///x?mode=ro",
        "sqlite:///a%00b",
        "mysql://me:secret@db/events",
        "me:secret@db/events",
        "postgresql://me:secret@db",
        "postgresql://me:secret@db:port/events",
        "postgresql://me:secret@[db/events",
    ],
)
def test_what_cannot_be_used_is_told_without_its_password(url):
    """In one line, with what is allowed."""
    with pytest.raises(ValueError, match="store: ") as caught:
        parse_store_url(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_is_told_from_a_server_in_front_of_it():
    """By the scheme."""
    assert is_store_url("sqlite:///events.db")
    assert not is_store_url("redis://localhost")
