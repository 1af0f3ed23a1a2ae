"""Trials: producers, gatherers and a server, killed again and again, and every event counted."""
