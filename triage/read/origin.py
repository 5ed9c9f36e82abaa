"""The address of a message in a source on disk."""

import os
from pathlib import Path


def origin(kind: str, path: str | Path, key: str = "") -> str:
    r"""Return `kind:path` or `kind:path#key`; bytes that are no UTF-8 show as `\xe9` (origins are written)."""
    place = f"{kind}:{path}#{key}" if key else f"{kind}:{path}"
    return os.fsencode(place).decode("utf-8", "backslashreplace")
