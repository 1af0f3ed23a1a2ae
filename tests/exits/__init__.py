"""Real processes, for the tests of how they end, and of what workers do."""
