"""`minigrad lessons`: the lessons as notebooks, to be read and worked through."""

import argparse
from pathlib import Path

from experiments.errors import UsageError
from experiments.options import integer

NAME = "lessons"
HELP = "write the lessons as notebooks: how each layer's gradient comes about, step by step"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add = parser.add_argument
    # fmt: off
    add("numbers", nargs="*", type=integer(1), metavar="N",
        help="these lessons alone; if left out, all")
    add("--assignment", action="store_true",
        help="the assignment instead, done and answered (a minute or two with --execute)")
    add("--out", type=Path, default=Path("lessons"), metavar="DIR",
        help="the folder they are written to; a notebook that is there stays as it is")
    add("--execute", dest="run", action="store_true",
        help="run them too, so that they show what they print (some seconds each)")
    # fmt: on


def execute(options: argparse.Namespace) -> None:
    """Run the command: a line for each notebook that was written."""
    from experiments import notebooks
    from experiments.atomic import write
    from experiments.console import note, progress, say
    from experiments.lessons import scripts

    found = scripts()
    for number in options.numbers:
        if number not in found:
            raise UsageError(
                f"there is no lesson {number}; type one of {', '.join(map(str, found))}"
            )
    chosen = [found[number] for number in dict.fromkeys(options.numbers or found)]
    if options.assignment:
        if options.numbers:
            raise UsageError("--assignment is a notebook of its own: leave out the numbers")
        chosen = [Path(__file__).with_name("assignment.py")]
    options.out.mkdir(parents=True, exist_ok=True)
    with progress(len(chosen), "lessons", "lesson") as bar:
        for script in chosen:
            path = options.out / f"{script.stem}.ipynb"
            if path.exists():
                note(f"{path} is there already, and yours: to have it anew, remove it first")
            else:
                notebook = notebooks.build(script)
                if options.run:
                    notebooks.execute(notebook, options.out)
                write(path, notebooks.written(notebook))
                say(str(path))
            bar.update()
    note("open them in an editor that knows notebooks; or: pip install jupyterlab && jupyter lab")
