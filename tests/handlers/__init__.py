"""Tests of the way from a batch to its sinks."""
