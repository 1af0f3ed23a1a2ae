"""Formatters: text of records."""
