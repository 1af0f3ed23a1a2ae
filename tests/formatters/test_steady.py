"""Texts that are kept by label, origin and level."""

from __future__ import annotations

from asynclog.formatters.steady import MAX_LABELS, MAX_LEVELS, MAX_NAMES, NameTexts, SteadyTexts
from asynclog.records import Origin
from tests.making import record


def _origin(task):
    return Origin(1, "app", 2, 3, "main", task)


def test_one_text_comes_without_a_list():
    """Because it is taken out again for every line."""
    texts = SteadyTexts()
    number = texts.add([lambda one: one.label, lambda one: f":{one.level}"])

    assert (number, len(texts), texts.render(record())) == (0, 1, "a:20")


def test_several_texts_come_in_a_list():
    """In the order in which they were added."""
    texts = SteadyTexts()
    texts.add([lambda one: one.label])
    texts.add([lambda one: str(one.level)])

    assert texts.render(record()) == ["a", "20"]


def test_texts_of_a_label_are_kept():
    """As long as its origin is the same."""
    texts, origin = SteadyTexts(), _origin("one")
    kept = texts.kept(record(origin=origin))

    assert texts.kept(record(origin=origin)) is kept


def test_texts_of_another_origin_are_made_anew():
    """A label may be used by several tasks."""
    texts = SteadyTexts()
    kept = texts.kept(record(origin=_origin("one")))
    kept[20] = "text"

    assert texts.kept(record(origin=_origin("two"))) == {}


def test_labels_are_forgotten_when_there_are_too_many():
    """A million labels take no more room than a thousand."""
    texts = SteadyTexts()
    first = texts.kept(record(label="first"))
    for number in range(MAX_LABELS):
        texts.kept(record(label=str(number)))

    assert texts.kept(record(label="first")) is not first


def test_levels_are_forgotten_when_there_are_too_many():
    """A level may be any number."""
    texts = SteadyTexts()
    kept = texts.kept(record())
    kept.update(dict.fromkeys(range(MAX_LEVELS + 1), "text"))

    assert texts.kept(record()) == {}


def test_the_text_of_a_name_is_made_once():
    """By all writers together."""
    made = []
    texts = NameTexts([lambda name: made.append(name) or name, lambda _: "="])

    assert (texts["id"], texts["id"], made) == ("id=", "id=", ["id"])


def test_names_are_forgotten_when_there_are_too_many():
    """A user may choose them."""
    texts = NameTexts([str])
    for number in range(MAX_NAMES + 1):
        assert texts[str(number)] == str(number)

    assert len(texts) == 1


def test_a_long_name_is_not_kept():
    """It would fill the memory."""
    texts = NameTexts([str])

    assert (texts["x" * 257], len(texts)) == ("x" * 257, 0)
