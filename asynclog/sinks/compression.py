"""Compressing one archive, so that a crash at any moment loses and doubles nothing.

The compressed text goes into a file whose name says that it is unfinished; it is brought to the
disk and only then named, and only after that the plain archive is removed.  Whoever finds leftovers
takes them up where they were left.
"""

from __future__ import annotations

import os
import stat
import zlib
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .locking import is_named, try_lock
from .naming import UNFINISHED_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Copy = Callable[[bytes], bytes]

_CHUNK = 1 << 18


class Interrupted(Exception):  # noqa: N818 - not an error: somebody wants it to end
    """The compression was told to stop."""


class Codec(NamedTuple):
    """One kind of compression."""

    suffix: str
    """What the name of a compressed file ends with."""
    compressor: Callable[[], Any]
    """Makes an object with `compress(data)` and `flush()`."""
    decompressor: Callable[[], Any]
    """Makes an object with `decompress(data)` and `eof`."""
    error: type[Exception]
    """Raised by it for what is not compressed so."""


def gzip() -> Codec:
    """Return gzip, RFC 1952."""
    window = 31  # zlib's word for the gzip format with its largest window
    return Codec(
        ".gz",
        lambda: zlib.compressobj(6, zlib.DEFLATED, window),
        lambda: zlib.decompressobj(window),
        zlib.error,
    )


def zstd() -> Codec:
    """Return Zstandard, RFC 8878.

    Raises:
        ImportError: no library for it is installed; the message names the extra.
    """
    try:
        library = import_module("zstandard")
    except ImportError:
        raise ImportError(
            "compression='zstd' needs the package zstandard: install asynclog-toolkit[zstd]"
        ) from None
    return Codec(
        ".zst",
        lambda: library.ZstdCompressor(write_checksum=True).compressobj(),
        lambda: library.ZstdDecompressor().decompressobj(),
        library.ZstdError,
    )


CODECS: dict[str, Callable[[], Codec]] = {"gzip": gzip, "zstd": zstd}
"""Makers of codecs, by the name that settings use."""


def parse_compression(name: str | None) -> Codec | None:
    """Return the codec called *name*, or None for none.

    Raises:
        ValueError: there is none of this name; the message names those that exist.
        ImportError: it needs a package that is not installed; the message names the extra.
    """
    if name is None:
        return None
    if name not in CODECS:
        raise ValueError(f"compression: expected None or one of {', '.join(CODECS)}, got {name!r}")
    return CODECS[name]()


def compress(path: Path, codec: Codec, interrupted: Callable[[], bool]) -> bool:
    """Replace the archive at *path* by a compressed one.

    Args:
        path: of a regular file that nobody writes to any more, save who holds its lock.
        codec: the kind of compression.
        interrupted: asked now and then; a true answer ends the work, which can be done later.

    Returns:
        whether it was done; not, if another process is at it.

    Raises:
        Interrupted: *interrupted* said so.
        OSError: it could not be done; the archive is as it was.
    """
    finished = path.with_name(path.name + codec.suffix)
    with _open(path) as source:
        # What was opened may have been the empty file whose name an archive has taken since.
        if not _lock(source.fileno()) or not is_named(source.fileno(), path):
            return False
        if not finished.exists():
            _check_space(path, source)
            _write(source, finished, codec, interrupted)
        elif not _same(source, finished, codec, interrupted):
            raise OSError(f"{finished.name} is there already, with other content")
        path.unlink()
    return True


def _open(path: Path) -> BinaryIO:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags), "rb")


def _lock(descriptor: int) -> bool:
    """Take the lock that writers take too; False if it is taken, or there are no locks."""
    is_locked = try_lock(descriptor, otherwise=False)
    return is_locked and stat.S_ISREG(os.fstat(descriptor).st_mode)


def _check_space(path: Path, source: BinaryIO) -> None:
    """Leave the last space of a disk to new lines: for a while both copies are there."""
    disk = os.statvfs(path.parent)
    free = disk.f_bavail * disk.f_frsize
    size = os.fstat(source.fileno()).st_size
    if free < size:
        raise OSError(f"{free:,} bytes free are too few to compress {path.name}")


def _write(source: BinaryIO, finished: Path, codec: Codec, interrupted: Callable[[], bool]) -> None:
    unfinished = finished.with_name(finished.name + UNFINISHED_SUFFIX)
    status = os.fstat(source.fileno())
    with _new_file(unfinished) as target:
        compressor = codec.compressor()
        for chunk in _chunks(source, interrupted):
            target.write(compressor.compress(chunk))
        target.write(compressor.flush())
        target.flush()
        os.fchmod(target.fileno(), stat.S_IMODE(status.st_mode))
        os.utime(target.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
        os.fsync(target.fileno())
        unfinished.rename(finished)
    _sync_directory(finished.parent)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file at *path*, and remove it if what is done with it fails.

    One that is there was left by a crash: whoever made it would hold the archive's lock.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except Exception:
        with suppress(OSError):
            path.unlink()
        raise


def _same(source: BinaryIO, finished: Path, codec: Codec, interrupted: Callable[[], bool]) -> bool:
    """Whether *finished* holds what *source* holds: a crash came before that was removed."""
    decompressor = codec.decompressor()
    try:
        with _open(finished) as file:
            for chunk in _chunks(file, interrupted):
                text = decompressor.decompress(chunk)
                if source.read(len(text)) != text:
                    return False
    except (OSError, codec.error):
        return False
    return bool(decompressor.eof) and not source.read(1)


def _chunks(file: BinaryIO, interrupted: Callable[[], bool]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        if interrupted():
            raise Interrupted
        yield chunk


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
