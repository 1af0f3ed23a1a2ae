"""structlog in front of asynclog."""
