"""The tests of asynclog."""
