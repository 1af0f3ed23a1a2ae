"""TLS for sinks: the peer is verified, always, unless a context made by hand says otherwise."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Callable


def tls_contexts(
    tls: bool | ssl.SSLContext,
    ca_file: str | os.PathLike[str] | None = None,
    cert_file: str | os.PathLike[str] | None = None,
    key_file: str | os.PathLike[str] | None = None,
) -> Callable[[], ssl.SSLContext] | None:
    """Return what makes the context for a connection, or None where there is no TLS.

    Files are read anew for each connection, so that a renewed certificate is used without a
    restart.  They are also read now, so that a mistake shows at once.

    Args:
        tls: whether to use TLS; a context of one's own decides all that it verifies itself.
        ca_file: certificates of the authorities to trust; None for those of the system.
        cert_file: the client's certificate, with its chain.
        key_file: the client's key; None if it is in *cert_file*.

    Raises:
        ValueError: a file cannot be used, or is given without TLS; the message names it, and
            nothing of what is in it.
    """
    files = {"ca_file": ca_file, "cert_file": cert_file, "key_file": key_file}
    given = [name for name, value in files.items() if value is not None]
    if isinstance(tls, ssl.SSLContext) or not tls:
        if given:
            what = "a context of your own" if tls else "no TLS"
            raise ValueError(f"{given[0]}: expected none with {what}, got {files[given[0]]!r}")
        own = tls
        return (lambda: own) if isinstance(own, ssl.SSLContext) else None
    if key_file is not None and cert_file is None:
        raise ValueError(f"key_file: expected cert_file beside it, got only {key_file!r}")

    def make() -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=ca_file)
        if cert_file is not None:
            context.load_cert_chain(cert_file, key_file, password=_no_password)
        return context

    for name in given:
        _check_readable(name, files[name])
    try:
        make()
    except (OSError, ValueError) as error:
        names = ", ".join(f"{name}={str(files[name])!r}" for name in given)
        raise ValueError(f"{names or 'tls'}: cannot be used: {error}") from None
    return make


def _check_readable(name: str, value: str | os.PathLike[str] | None) -> None:
    try:
        Path(value or "").read_bytes()
    except OSError as error:
        raise ValueError(
            f"{name}: expected a file that can be read, got {str(value)!r}: {error.strerror}"
        ) from None


def _no_password() -> str:
    """Keep OpenSSL from asking for a password on the terminal."""
    raise ValueError("the key is encrypted")
