"""Tests of asynclog.config."""
