"""The words of ASGI, as far as the middleware speaks them.

Source: the ASGI specification, https://asgi.readthedocs.io/en/latest/specs/main.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

Scope: TypeAlias = "MutableMapping[str, Any]"
"""What is known of a connection before its first message."""
Message: TypeAlias = "MutableMapping[str, Any]"
"""One event, in either direction; `type` says which."""
Receive: TypeAlias = "Callable[[], Awaitable[Message]]"
"""Waits for the next message from the server."""
Send: TypeAlias = "Callable[[Message], Awaitable[None]]"
"""Gives a message to the server."""
Application: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"
"""An application, or a middleware that stands for one."""
