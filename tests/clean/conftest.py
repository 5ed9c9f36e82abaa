"""Messages to clean."""

import pytest

from triage.types import Address, Kind, Message


def make_message(
    body: str, subject: str = "", *, kind: Kind = "human", sender: Address | None = None, to: tuple[Address, ...] = ()
) -> Message:
    return Message(
        id="a@exemple.org",
        digest="0" * 64,
        origin="mbox:courrier#0",
        kind=kind,
        kind_reason="",
        sender=sender,
        reply_to=None,
        to=to,
        cc=(),
        subject=subject,
        date=None,
        received=None,
        body=body,
        html_only=False,
        references=(),
        attachments=(),
        warnings=(),
    )


@pytest.fixture
def message():
    """A factory: `message(body, subject, kind=, sender=, to=)`."""
    return make_message
