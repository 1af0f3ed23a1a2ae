"""Tests of central events, most of them with a real server."""
