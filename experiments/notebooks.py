"""Notebooks from scripts whose cells begin with `# %%`; with their output, if asked for."""

from pathlib import Path
from typing import Any

from experiments.errors import UsageError

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
SECONDS = 600  # that a cell may take


def build(script: Path) -> Any:
    """Return the notebook of a script, not executed: an nbformat notebook."""
    try:
        import jupytext
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata.clear()
    notebook.metadata.kernelspec = KERNEL
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"  # not random: the same script is the same notebook
    return notebook


def execute(notebook: Any, folder: Path) -> None:
    """Run the cells in a kernel of their own, in a folder; the notebook gets their output.

    Raises nbclient's CellExecutionError where a cell raises.
    """
    try:
        import ipykernel  # noqa: F401  (the kernel that nbclient starts)
        from nbclient import NotebookClient
    except ModuleNotFoundError as error:
        raise not_installed(error) from error
    NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name=KERNEL["name"],
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # not that the kernel is reached over TCP
    ).execute()


def written(notebook: Any) -> str:
    """Return the text of a notebook's file."""
    import nbformat

    return nbformat.writes(notebook) + "\n"


def not_installed(error: ModuleNotFoundError) -> UsageError:
    """Return what is said where a package is missing."""
    return UsageError(
        f"notebooks need {error.name}, which is not installed; "
        "type: pip install jupytext nbclient ipykernel"
    )
