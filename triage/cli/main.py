"""The `triage` command and the one place where errors become a line and an exit code."""

import gc
import importlib
import os
import sys
from typing import Any

import click

from triage import __version__
from triage.errors import TriageError

# Command -> its one-line help; the module triage.cli.NAME holds the command NAME (with _ for -; see _MODULES).
COMMANDS = {
    "apply": "Sort the mail of mailboxes and draft replies.",
    "demo": "Sort the sample mailbox with the shipped model.",
    "draft": "Write the reply to one message, with a template of your choice.",
    "check-draft": "Say in French what the law or good manners miss in a letter.",
    "deadlines": "List what falls due, by date and service.",
    "explain": "Say in French why a message is sorted as it is.",
    "record": "Say how one message was decided, as the law asks.",
    "correct": "Say what was right for one message.",
    "corrections": "Verdicts of agents: export, import, folders, list.",
    "monitor": "Watch volumes, drift, errors and lateness; warn.",
    "forget": "Remove a sender, or old mail, for good.",
    "pseudonymise": "Replace persons, addresses and numbers in a corpus.",
    "train": "Train a model from a labelled corpus.",
    "retrain": "Learn from agents' verdicts; release what is not worse.",
    "label": "Label mail from scratch, the most informative first.",
    "import": "Make a corpus of sorted mailboxes or an export.",
    "reorganise": "Rename, merge, split, retire services everywhere.",
    "models": "Releases of a model: list, show, release, roll back, prune.",
    "predict": "Label texts read from standard input.",
    "evaluate": "Measure a model, or a corpus by cross-validation.",
    "compare": "Say which of two models sorts better, and where.",
    "check": "Check a profile or a corpus.",
    "init": "Copy the built-in profile into a folder to edit.",
}

# New objects between two garbage collections, 700 by default: mail leaves few cycles, and a profile and a model hold
# hundreds of thousands of objects that each full collection walks through.
OBJECTS = 20_000

_MODULES = {"import": "import_"}  # a word of the language


class _Lazy(click.Group):
    """A group whose commands are imported when they are called, so that `triage --help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        command: click.Command = importlib.import_module(f"triage.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triage")
def cli() -> None:
    """Read, sort and draft replies to the incoming mail of a French public service. Nothing is ever sent."""


def main(args: list[str] | None = None) -> None:
    """Run the program: exit code 0 done, 1 some messages failed, 2 usage or configuration."""
    gc.set_threshold(OBJECTS)
    sys.exit(_run(args))


def _run(args: list[str] | None) -> int:
    try:
        result: Any = cli(args=args, standalone_mode=False, prog_name="triage")
    except TriageError as error:
        return _complain(str(error))
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted: run the same command again to go on", code=130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _complain(f"{place}{error.strerror or error}")
    except MemoryError:
        return _complain("not enough memory: use fewer --jobs")
    return result if isinstance(result, int) else 0


def _complain(message: str, code: int = 2) -> int:
    from triage.cli.output import printable

    click.echo(f"triage: {printable(' '.join(message.split()))}", err=True)
    return code
