"""The one place through which the vectors of the original systems run against asynclog.

It translates a vector's encoding into calls of the public API and back; it decides nothing.
"""

from __future__ import annotations
