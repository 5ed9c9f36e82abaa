"""Mailboxes made for tests."""

from pathlib import Path


def mbox_of(path: Path, count: int) -> Path:
    """A mailbox of `count` different mails."""
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            file.write(
                f"From zoe@example.fr Mon Jan  5 09:00:00 2026\nFrom: Zoé <zoe{i}@example.fr>\nMessage-ID: <{i}@example.fr>\n"
                f"Date: Mon, 5 Jan 2026 09:00:00 +0100\nSubject: Lampadaire {i}\nContent-Type: text/plain; charset=utf-8\n\n"
                f"Bonjour,\nle lampadaire n° {i} de ma rue est éteint, le trottoir est noir.\n\n"
            )
    return path
