"""Formatters: text of records."""

from .json import JSONFormatter
from .layouts import BLACKHOLE, ECS, FLAT, OTEL, Layout, Member
from .logfmt import LogfmtFormatter
from .pattern import PatternFormatter
from .presets import DEFAULT, MUDUO, MUDUO_LOCAL, PROXMOX, SYSLOG, Preset
from .tskv import TSKVFormatter

__all__ = [
    "BLACKHOLE",
    "DEFAULT",
    "ECS",
    "FLAT",
    "MUDUO",
    "MUDUO_LOCAL",
    "OTEL",
    "PROXMOX",
    "SYSLOG",
    "JSONFormatter",
    "Layout",
    "LogfmtFormatter",
    "Member",
    "PatternFormatter",
    "Preset",
    "TSKVFormatter",
]
