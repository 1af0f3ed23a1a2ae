"""Tests of asynclog.central.urls."""

import pytest

from asynclog.central.urls import parse_url


@pytest.mark.parametrize(
    ("url", "kind", "tls", "place"),
    [
        ("redis://h", "single", False, "h:6379"),
        ("rediss://h:1/2", "single", True, "h:1"),
        ("valkey://h", "single", False, "h:6379"),
        ("redis://[::1]:7", "single", False, "::1:7"),
        ("unix:///run/r.sock?db=3", "unix", False, "/run/r.sock"),
        ("redis+cluster://a,b:7", "cluster", False, "a:6379,b:7"),
        ("rediss+sentinel://a,b:7/main", "sentinel", True, "a:26379,b:7/main"),
    ],
)
def test_a_url_says_where_the_server_is(url, kind, tls, place):
    """Whatever kind of server it is."""
    found = parse_url(url)

    assert (found.kind, found.tls, found.place) == (kind, tls, place)


def test_user_password_database_and_certificates():
    """Percent-encoded, as in any URL."""
    found = parse_url("rediss://u%40:p%2Fw@h/4?ca_file=/ca.pem&cert_file=c&key_file=k")

    assert (found.username, found.password, found.db) == ("u@", "p/w", 4)
    assert (found.ca_file, found.cert_file, found.key_file) == ("/ca.pem", "c", "k")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://:sesame@h",
        "redis://",
        "redis://:sesame@",
        "redis://:ses/ame@h",
        "redis://:sesame@h:port",
        "redis://:sesame@h:0",
        "redis://:sesame@h:99999",
        "redis://:sesame@h/x",
        "redis://:sesame@h?db",
        "redis://:sesame@h?timeout=3",
        "redis://:sesame@[h",
        "unix://",
        "redis+cluster://:sesame@h/3",
        "redis+sentinel://:sesame@h",
    ],
)
def test_a_bad_url_is_refused_in_one_line_without_the_password(url):
    """However it is bad."""
    with pytest.raises(ValueError, match=r"^url: .*") as caught:
        parse_url(url)

    assert "ame" not in str(caught.value).replace("name", "")
    assert "\n" not in str(caught.value)
