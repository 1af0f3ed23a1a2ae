"""Tests of `asynclog.central.stores`."""
