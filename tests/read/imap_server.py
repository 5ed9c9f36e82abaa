"""A real IMAP server (pymap, a process of its own) on this machine, and a TLS front door that hears what is said."""

import select
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

USER, PASSWORD = "mairie@exemple.org", "mot de passe, été"

# pymap hashes the password 500,000 times at every login, which would take most of the tests' time.
_START = """
from pysasl.hashing import BuiltinHash
BuiltinHash.__init__.__kwdefaults__["rounds"] = 1
from pymap.main import main
main()
"""


@contextmanager
def imap_server(*options: str | Path) -> Iterator[int]:
    """Run pymap with an empty INBOX for one user; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-c", _START]
    command += ["--host", "127.0.0.1", "--port", str(port), *map(str, options)]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, "the IMAP server did not start"
        time.sleep(0.05)
    raise AssertionError("the IMAP server does not answer")


class Door:
    """Passes connections on to a server, with TLS if a context is given, and keeps what clients said."""

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self.target, self.context = target, context
        self.heard = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def cut(self) -> None:
        """Break every connection, as a server that stops would."""
        for one in self.open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)
        for one in self.open:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.threads.append(threading.Thread(target=self._serve, args=[client], daemon=True))
                self.threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        self.open.append(client)
        with suppress(OSError):
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
                self.open.append(client)
            server = socket.create_connection(("127.0.0.1", self.target))
            self.open.append(server)
            self._pass_on(client, server)
            client.close()
            server.close()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            waiting = isinstance(client, ssl.SSLSocket) and client.pending()
            ready = [client] if waiting else select.select([client, server], [], [])[0]
            for one in ready:
                data = one.recv(65_536)
                if not data:
                    return
                if one is client:
                    self.heard += data
                (server if one is client else client).sendall(data)
