"""asynclog."""
