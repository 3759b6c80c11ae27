"""What `minigrad sweep` does: look that all is well, have the trials done, show what came out."""

from argparse import Namespace

from experiments.console import note
from experiments.run_folder import check_writable
from experiments.shell import command_line
from experiments.sweep import processes, report, space, study, trials
from experiments.sweep.runs import opened
from experiments.sweep_command import searchable


def sweep(options: Namespace) -> None:
    """Do what `minigrad sweep` was asked for; `options` are those of `sweep_command`.

    Trials are judged by their best validation nll. The test set has no say in it: what the winner
    is worth is read, once, in the test of its own run.
    """
    names = searchable(options.experiment)
    searched = space.read(options.space, names)
    folder = study.folder_of(options)
    check_writable(folder)
    usual = {name: action.default for name, action in names.items()}
    whole = Namespace(**{**usual, **searched.fixed, **vars(options)})
    runs = opened(whole)
    study.begin(options, searched, runs.data)
    with study.opened(options) as book:
        done = trials.finished(book.get_trials(deepcopy=False))
        if done:
            note(f"{done} of {options.trials} trials are finished already")
        if done < options.trials:
            try:
                processes.work(book, searched, runs, whole)
            except KeyboardInterrupt:
                note(f"to go on, type: {command(options)}")
                raise
        report.write(book, searched, folder, command(options))


def command(options: Namespace) -> str:
    """Return the command with all its options, to be typed again; a password is left out."""
    asked = Namespace(**vars(options))
    del asked.experiment
    if options.storage:
        asked.storage = study.without_password(options.storage)
    return command_line(f"sweep {options.experiment}", asked)
