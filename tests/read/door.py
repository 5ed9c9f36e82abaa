"""A front door to a server on this machine, which hears what clients say and counts what they are given."""

import select
import socket
import ssl
import sys
import threading
from contextlib import suppress

import pytest

from tests.dovecot import PASSWORD
from triage.errors import SourceError
from triage.read import read


class Door:
    """Passes connections on to a server, with TLS if a context is given; keeps what clients said.

    A connection breaks once clients have been given more than `room` bytes in all.
    """

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self.target, self.context = target, context
        self.heard, self.given, self.room = b"", 0, sys.maxsize
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
                else:
                    self.given += len(data)
                if self.given > self.room:
                    return
                (server if one is client else client).sendall(data)


def refused(source: str) -> str:
    """Return the one line that says why `source` cannot be read; it never holds the password."""
    with pytest.raises(SourceError) as caught:
        list(read(source))
    message = str(caught.value)
    assert "\n" not in message
    assert PASSWORD not in message
    return message
