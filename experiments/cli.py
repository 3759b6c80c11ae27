"""The command `minigrad`: it finds the command that was typed, and turns errors into exit statuses.

0 done, 1 a check found a wrong gradient, 2 bad usage, 3 training failed, 4 data or checkpoint
missing or corrupt, 130 interrupted (143 by SIGTERM, 129 by SIGHUP). An error is one line on stderr;
`--debug` shows the traceback.
"""

import io
import os
import sys
from collections.abc import Callable, Sequence

from experiments import (
    bench_command,
    check_command,
    data_command,
    digits_command,
    doctor_command,
    explain_command,
    lessons_command,
    resume_command,
    svhn_command,
    sweep_command,
    test_command,
)
from experiments.errors import DISK_ERRORS, ExperimentError, StorageError
from experiments.installed import OURS, PIP_NAMES, version
from experiments.options import Parser
from experiments.processes import entered, launch

# A command is a module with NAME, HELP, add_options(parser) and execute(options), which may return
# an exit status.
COMMANDS = (
    digits_command,
    svhn_command,
    sweep_command,
    data_command,
    resume_command,
    test_command,
    check_command,
    explain_command,
    lessons_command,
    bench_command,
    doctor_command,
)

BUG = 70
BROKEN_PIPE = 141  # what a shell shows for a program that was ended by a closed pipe


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    return guarded(lambda: command(argv), "--debug" in argv)


def guarded(work: Callable[[], int], debug: bool) -> int:
    """Do some work; return its status, or say in one line what went wrong and return that one's."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  (started with >&-)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):  # as it is unless a notebook has taken its place
        sys.stdout.reconfigure(errors="backslashreplace")  # for an ASCII terminal
    stderr = sys.stderr
    if launch().rank:  # of several processes, the first alone prints
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        status = work()
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever was reading, as in `| head -1`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt as interrupted:
        return fail("interrupted", getattr(interrupted, "status", 130))
    except Exception as error:
        if not isinstance(error, ExperimentError):  # it may have happened in this process alone
            sys.stderr = stderr
        if debug:
            raise
        return fail(*explain(error))


def command(argv: Sequence[str]) -> int:
    """Parse the command line and execute its command."""
    top = parser()
    try:
        options = top.parse_args(argv)
    except SystemExit as done:  # argparse has printed the help or the version
        return int(done.code or 0)
    if options.command is None:
        top.print_help()
        return 2
    launch().check(options.command)
    with entered(launch()):
        return options.execute(options) or 0


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(prog="minigrad", description="A small PyTorch in NumPy, and its experiments.")
    ours = version(OURS) or "(not installed)"
    top.add_argument("--version", action="version", version=f"%(prog)s {ours}")
    top.set_defaults(command=None)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for module in COMMANDS:
        sub = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_options(sub)
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")
        sub.set_defaults(execute=module.execute)
    return top


def explain(error: Exception) -> tuple[str, int]:
    """Return the line and the exit status of an error."""
    if isinstance(error, ExperimentError):
        return str(error), error.status
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name.partition(".")[0]
        return f"{name} is not installed; type: pip install {PIP_NAMES.get(name, name)}", 2
    if isinstance(error, OSError):
        if error.errno in DISK_ERRORS:
            return f"{error}; make room on the disk", StorageError.status
        return f"{error}; name another folder with --out", 2
    return f"a bug: {type(error).__name__}: {error}; add --debug to see where", BUG


def fail(message: str, status: int) -> int:
    """Say what went wrong, in one line."""
    print("minigrad:", " ".join(message.split()), file=sys.stderr)
    return status
