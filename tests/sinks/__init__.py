"""Tests of where lines go."""
