"""Tests of asynclog.filters."""
