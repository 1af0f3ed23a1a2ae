"""ASGI services."""
