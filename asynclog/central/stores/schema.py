"""The tables, and how they came to be: one step for each version, never changed once released.

`events` holds one row for each second of a group in a batch; `groups` is the catalogue.  What is
older may be rolled up: then `minutes` has the counts, `exemplars` a sample of the payloads, and
`settled` the names of the batches, so that none of them can be counted again.
"""

from __future__ import annotations

VERSION_TABLE = "asynclog_version"

_FIRST = """
create table events (
  shard text not null,
  second bigint not null,
  gkey text not null,
  bid text not null,
  repeats bigint not null,
  time_ns bigint not null,
  payload {bytes},
  primary key (shard, second, gkey, bid)
);
create index events_of_group on events (gkey, second);

create table groups (
  gkey text not null primary key,
  level bigint not null,
  label text not null,
  logger text not null,
  title text not null,
  first_ns bigint not null,
  last_ns bigint not null,
  total bigint not null,
  payload {bytes}
);

create table minutes (
  gkey text not null,
  minute bigint not null,
  repeats bigint not null,
  primary key (gkey, minute)
){compact};

create table exemplars (
  gkey text not null,
  slot bigint not null,
  lot bigint not null,
  time_ns bigint not null,
  repeats bigint not null,
  payload {bytes} not null,
  primary key (gkey, slot)
);

create table drops (
  shard text not null,
  second bigint not null,
  cause text not null,
  bid text not null,
  events bigint not null,
  primary key (shard, second, cause, bid)
);

create table dead_letters (
  shard text not null,
  second bigint not null,
  gkey text not null,
  bid text not null,
  repeats bigint not null,
  payload {bytes},
  reason text not null,
  primary key (shard, second, gkey, bid)
);

create table settled (
  shard text not null,
  bid text not null,
  since_ns bigint not null,
  primary key (shard, bid)
)
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""What to do for version 1, 2, ..., with the words that a database calls things by in braces."""


def steps(version: int, words: dict[str, str]) -> list[tuple[int, list[str]]]:
    """Return what brings tables of *version* up to date: each version with its statements."""
    return [
        (number, [one.strip() for one in text.format_map(words).split(";")])
        for number, text in enumerate(MIGRATIONS, start=1)
        if number > version
    ]
