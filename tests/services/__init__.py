"""Tests against programs of the distribution, where they are installed."""
