"""The original systems' vectors, run against asynclog."""
