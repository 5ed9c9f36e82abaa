"""Files that are there whole or not at all, and that only their owner reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PART = ".part"  # what a killed run leaves: `.name.part`, swept by the next one
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path`, on disk, once its block ends without an exception."""
    temporary = path.with_name(f".{path.name}{PART}")
    try:
        with os.fdopen(os.open(temporary, _NEW, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def quick_file(path: Path, content: bytes) -> None:
    """Write a file whole, without waiting for the disk: a power cut may lose it, a killed process cannot halve it."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}{PART}")  # noqa: PTH118  paths as objects cost as much as the file
    try:
        descriptor = os.open(temporary, _NEW, 0o600)
        try:
            _write(descriptor, content)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)  # noqa: PTH105
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _write(descriptor: int, content: bytes) -> None:
    """Write everything: a nearly full disk may take only a part before it says so."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def sweep(folder: Path) -> None:
    """Remove what a killed run left half written in `folder`."""
    for path in folder.glob(f".*{PART}"):
        path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, for their owner only; what exists stays as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # says so where a file is in the way
