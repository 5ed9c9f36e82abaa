"""A real PostgreSQL server, an unprivileged process on this machine with a data folder of its own.

Where PostgreSQL is not installed the tests that ask for it are skipped.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Postgres:
    """A running server: the URL of its database, and the folder that holds its files."""

    url: str
    folder: Path


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server on a socket in a folder of its own, as `nobody` where root runs the tests: it refuses root."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'triage[postgres]'")
    tools = _tools()
    if tools is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # pytest's own folders are closed to other users
    who = {"user": "nobody"} if os.getuid() == 0 else {}
    if who:
        shutil.chown(folder, "nobody")
    options = {"cwd": folder, **who}
    init = [tools / "initdb", "-D", folder / "data", "-U", "zoe", "-A", "trust"]
    subprocess.run(init, check=True, capture_output=True, **options)
    control = [tools / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
    start = [*control, "-o", f"-k {folder} -c listen_addresses=", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, **options)
    try:
        yield Postgres(f"postgresql+psycopg://zoe@/postgres?host={folder}", folder)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, **options)
        shutil.rmtree(folder)


def _tools() -> Path | None:
    """The folder of PostgreSQL's server programs, which Debian keeps off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(os.path.realpath(found)).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
