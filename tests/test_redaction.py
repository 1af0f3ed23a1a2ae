"""Secrets are taken out of records."""

import json
import re
from dataclasses import dataclass

import pytest
from hypothesis import given

from asynclog.errors import PatternError
from asynclog.formatters import JSONFormatter, LogfmtFormatter, PatternFormatter, TSKVFormatter
from asynclog.protocols import Formatter
from asynclog.redaction import DEFAULT_KEYS, Redactor, redact
from asynclog.stacked import StackedAttributes
from asynclog.tracebacks import capture

from .formatters import strategies
from .making import record

PASSWORD = "hunter2-hunter2"
FORMATTERS = {
    "json": JSONFormatter(),
    "tskv": TSKVFormatter(),
    "logfmt": LogfmtFormatter(),
    "pattern": PatternFormatter("{message} {label} {...} {exception}"),
}


@dataclass
class _User:
    name: str
    password: str


def _cyclic():
    items = ["x"]
    items.append(items)
    return items


def _deep():
    value = {"password": PASSWORD}
    for _ in range(100):
        value = [value]
    return value


def _attributes(**attributes):
    return Redactor().redact(record(attributes=attributes)).attributes


@pytest.mark.parametrize(
    "name", ["password", "Password", "PASSWORD", "set_cookie", "Set-Cookie", "X-API-Key", "token"]
)
def test_the_value_of_a_secret_name_is_masked(name):
    """Whatever its case, and whichever dash it is written with."""
    assert _attributes(**{name: PASSWORD}) == {name: "***"}


@pytest.mark.parametrize("name", ["password_hint", "tokens", "my-token", "secretary", ""])
def test_a_name_that_only_resembles_one_is_not_secret(name):
    """Names match as a whole, so that counters and hints stay readable."""
    assert _attributes(**{name: 5}) == {name: 5}


@pytest.mark.parametrize("value", [5, ["a", "b"], {"a": 1}, b"x", object()])
def test_a_secret_of_any_kind_is_masked(value):
    """Nothing of it is looked at."""
    assert _attributes(password=value) == {"password": "***"}


def test_no_secret_is_no_secret():
    """That there was none is worth knowing."""
    assert _attributes(password=None) == {"password": None}


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ({"a": {"token": PASSWORD, "b": 1}}, {"a": {"token": "***", "b": 1}}),
        ([{"token": PASSWORD}, 2], [{"token": "***"}, 2]),
        (({"token": PASSWORD},), ({"token": "***"},)),
        (
            [("Authorization", PASSWORD), ("Accept", "*")],
            [("Authorization", "***"), ("Accept", "*")],
        ),
        ([(b"authorization", PASSWORD.encode())], [(b"authorization", "***")]),
        ([["cookie", PASSWORD]], [["cookie", "***"]]),
        (_User("bob", PASSWORD), {"name": "bob", "password": "***"}),
        ([_User("bob", PASSWORD)], [{"name": "bob", "password": "***"}]),
        ({f"password={PASSWORD}"}, ["password=***"]),
        (f"password={PASSWORD}".encode(), "password=***"),
        (ValueError(f"token={PASSWORD}"), "ValueError: token=***"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_secrets_within_containers_are_masked(value, clean):
    """Objects, lists, pairs as of headers, fields of dataclasses, bytes, errors."""
    assert _attributes(value=value) == {"value": clean}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"redis://user:{PASSWORD}@host:6379/0", "redis://user:***@host:6379/0"),
        (f"redis://:{PASSWORD}@host", "redis://:***@host"),
        (f"postgresql+asyncpg://u:p@ss{PASSWORD}@h/db", "postgresql+asyncpg://u:***@h/db"),
        (f"a://u:{PASSWORD}@h and b://u:{PASSWORD}@h", "a://u:***@h and b://u:***@h"),
        (f"GET /?token={PASSWORD}&x=1", "GET /?token=***&x=1"),
        (f"Authorization: Bearer {PASSWORD}", "Authorization: ***"),
        (f"sent bearer {PASSWORD} to it", "sent bearer *** to it"),
        (f"connect(host='h', password='{PASSWORD} x')", "connect(host='h', password=***)"),
        (f"host=h password={PASSWORD} dbname=d", "host=h password=*** dbname=d"),
        (f"{{'api_key': '{PASSWORD}', 'a': 1}}", "{'api_key': ***, 'a': 1}"),
        (f'{{"client-secret":"{PASSWORD}"}}', '{"client-secret":***}'),
        (f"Set-Cookie: sid={PASSWORD}; Path=/", "Set-Cookie: ***"),
        (f"API_KEY={PASSWORD}", "API_KEY=***"),
    ],
)
def test_secrets_in_text_are_masked(text, clean):
    """In URLs, headers, queries, connection strings, and reprs."""
    assert Redactor().text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "http://host:8080/path",
        "http://user@host/",
        "mailto:a@b.c at 10:30",
        "the token expired: renew it",
        "2 tokens=5",
        "basic setup done",
        "password reset for bob",
    ],
)
def test_harmless_text_is_kept(text):
    """It is the very same object."""
    assert Redactor().text(text) is text


@pytest.mark.parametrize("field", ["message", "label", "template"])
def test_every_text_of_a_record_is_cleaned(field):
    """What a formatter could print of it."""
    one = record(**{field: f"redis://u:{PASSWORD}@h"})
    assert getattr(Redactor().redact(one), field) == "redis://u:***@h"


def test_a_record_without_secrets_is_given_back_itself():
    """Nothing is copied."""
    one = record(attributes={"a": [1, {"b": "c"}], "when": object(), "raw": b"x"})
    assert Redactor().redact(one) is one


def test_the_record_itself_is_not_changed():
    """Other handlers print it too."""
    inner = {"token": PASSWORD}
    one = record(attributes={"password": PASSWORD, "inner": inner})
    Redactor().redact(one)
    assert one.attributes == {"password": PASSWORD, "inner": {"token": PASSWORD}}


def test_parts_without_secrets_are_not_copied():
    """Only the way to a secret is."""
    kept = {"b": [1, 2]}
    assert _attributes(kept=kept, password=PASSWORD)["kept"] is kept


def test_hidden_attributes_are_cleaned_too():
    """A formatter may print them."""
    layered = StackedAttributes({"a": 1}, {"token": PASSWORD}, [("token", PASSWORD)])
    cleaned = Redactor().redact(record(attributes=layered)).attributes
    assert cleaned.sources == ((("a", 1),), (("token", "***"),), (("token", "***"),))


def test_exceptions_are_cleaned_with_all_that_led_to_them():
    """Messages, notes, causes, members of groups."""
    cause = ValueError(f"redis://u:{PASSWORD}@h")
    error = ExceptionGroup("group", [KeyError(f"password={PASSWORD}"), OSError("plain")])
    error.__cause__ = cause
    error.add_note(f"token={PASSWORD}")
    one = Redactor().redact(record(exception=capture(error)))
    assert PASSWORD not in repr(one)
    assert one.exception.members[1].message == "plain"


def test_lines_of_source_are_cleaned():
    """A traceback prints them, and they may hold what was typed into the program."""

    def fail():
        raise ValueError("redis://user:hunter2-hunter2@host")

    with pytest.raises(ValueError, match="redis") as caught:
        fail()
    line = redact(JSONFormatter()).format(record(exception=capture(caught.value)))
    assert PASSWORD not in line
    assert r"raise ValueError(\"redis://user:***@host\")" in line


def test_what_is_too_deep_to_look_at_is_not_shown():
    """A secret may lie there."""
    assert PASSWORD not in repr(_attributes(value=_deep()))


def test_a_cycle_ends():
    """It is cut where it gets too deep."""
    assert "<too deep>" in repr(_attributes(value=_cyclic()))


def test_what_is_too_wide_to_look_at_is_not_shown():
    """Searching a million values would stall the loop."""
    value = [[0]] * 50_000
    value.append({"password": PASSWORD})
    assert PASSWORD not in repr(_attributes(value=value))


def test_more_names_can_be_secret():
    """Beside the usual ones."""
    redactor = Redactor(keys=["SSN"])
    assert redactor.redact(record(attributes={"ssn": 1, "token": 2})).attributes == {
        "ssn": "***",
        "token": "***",
    }


def test_more_patterns_can_be_secret():
    """All that matches, or the group called secret."""
    redactor = Redactor(
        patterns=[r"\d{3}-\d{2}", re.compile(r"pin (?P<secret>\d+)"), "x(?P<secret>y)?"]
    )
    assert redactor.text("123-45 pin 9876 x") == "*** pin *** x"


def test_the_usual_names_and_patterns_can_be_left_out():
    """Then only what is given counts."""
    redactor = Redactor(keys=["a"], defaults=False)
    assert redactor.redact(record(attributes={"a": 1, "token": 2})).attributes == {
        "a": "***",
        "token": 2,
    }
    assert redactor.text("token=abc") == "token=abc"


def test_the_mask_can_be_chosen():
    """It is text, not a template."""
    assert Redactor(mask=r"<\1>").text("token=abc") == r"token=<\1>"


def test_a_pattern_that_is_none_is_refused_with_its_place():
    """When the redactor is built."""
    with pytest.raises(PatternError, match="pattern to redact: missing") as caught:
        Redactor(patterns=["ok", "a(b"])
    assert (caught.value.pattern, caught.value.position) == ("a(b", 1)


@pytest.mark.parametrize("option", ["keys", "patterns"])
def test_a_single_string_is_refused(option):
    """It would be taken for its letters."""
    with pytest.raises(TypeError, match=f"{option}: expected a list of strings, got 'abc'"):
        Redactor(**{option: "abc"})


def test_the_usual_names_are_in_their_normal_form():
    """Others would never match."""
    assert {key.casefold().replace("-", "_") for key in DEFAULT_KEYS} == DEFAULT_KEYS


@pytest.mark.parametrize("formatter", FORMATTERS.values(), ids=FORMATTERS)
def test_no_formatter_sees_a_secret(formatter):
    """One by one, and in a batch."""
    one = record(
        f"at redis://u:{PASSWORD}@h",
        attributes={"password": PASSWORD, "user": _User("bob", PASSWORD)},
        exception=capture(ValueError(f"token={PASSWORD}")),
    )
    step = redact(formatter)
    assert PASSWORD not in step.format(one)
    assert step.format_batch([one]) == [step.format(one)]


def test_it_is_a_formatter_that_needs_what_its_inner_one_needs():
    """The caller, for one."""
    assert isinstance(redact(JSONFormatter()), Formatter)
    assert redact(PatternFormatter("{file}")).needs_caller
    assert not redact(JSONFormatter()).needs_caller


def test_a_redaction_that_fails_shows_nothing():
    """Rather a line without its content than a secret."""
    one = record("hunter2", attributes={"a": 1}, template="t", exception=capture(ValueError()))
    one.label = None
    read = json.loads(redact(JSONFormatter()).format(one))
    assert read["message"] == "<not shown: redaction failed with TypeError>"
    assert read.keys() == {"timestamp", "level", "label", "message"}


@given(strategies.records())
def test_any_record_can_be_cleaned(one):
    """And cleaning it again changes nothing."""
    redactor = Redactor()
    once = redactor.redact(one)
    assert redact(JSONFormatter()).format(one) == JSONFormatter().format(once)
    assert JSONFormatter().format(redactor.redact(once)) == JSONFormatter().format(once)


@given(strategies.records(strategies.PLAIN, strategies.TEXT, strategies.TEXT))
def test_a_password_is_nowhere_in_the_line(one):
    """Wherever it lies in the attributes."""
    one.attributes = {**(one.attributes or {}), "login": [{"n": [{"password": PASSWORD}]}]}
    assert PASSWORD not in redact(JSONFormatter()).format(one)
