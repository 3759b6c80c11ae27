"""The pages that are read off the sources: the reading order, a page for each file, the reference.

``write`` puts them into ``generated/``. Nothing is said here that the sources say: a page is a
module's docstring and its code, the classes' derivations beside what they derive.
"""

import ast
import importlib
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import minigrad
from experiments.docs.docstrings import as_rst

NAMESPACES = (  # those of PyTorch's names
    "minigrad",
    "minigrad.autograd",
    "minigrad.nn",
    "minigrad.nn.functional",
    "minigrad.nn.init",
    "minigrad.nn.utils",
    "minigrad.optim",
    "minigrad.optim.lr_scheduler",
    "minigrad.utils.data",
)


def write(root: Path, folder: Path) -> None:
    """Write all generated pages of the repository at ``root`` into ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    steps = reading_order(root / "minigrad")
    texts = {"reading": reading_page(steps), "parts/layers": layers_table()}
    for file in [file for _, files in steps for file in files]:
        texts[page_of(file)] = file_page(root, file)
    texts |= {f"api/{name}": api_page(importlib.import_module(name)) for name in NAMESPACES}
    if lessons := sorted((root / "experiments" / "lessons").glob("[0-9]_*.py")):
        texts["lessons"] = lessons_page(lessons)
    for name, text in texts.items():
        markdown = name in ("lessons", "parts/layers")
        path = folder / f"{name}{'.md' if markdown else '.rst'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- the reading order


def reading_order(package: Path) -> list[tuple[str, list[Path]]]:
    """Return the steps of the docstring of ``minigrad``, each with the files that it names.

    A step that names a folder names all that is in it: first what it lists, then the rest.
    """
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))
    steps = []
    for step in re.findall(r"^\d\.  (.*(?:\n {4}.*)*)", docstring, re.MULTILINE):
        folder, files = package, []
        for name in re.findall(r"``(\S+)``", step):
            if name.endswith("/"):
                folder = package / name
            elif (file := folder / f"{name.removesuffix('.py')}.py").exists():
                files.append(file)
        if folder != package:
            files += [file for file in modules_in(folder) if file not in files]
        steps.append((" ".join(step.split()), files))
    return steps


def modules_in(folder: Path) -> list[Path]:
    """Return the modules of a package, and those of its own packages but ``loops``."""
    found = [p for p in folder.rglob("*.py") if p.stem != "__init__" and p.parent.name != "loops"]
    return sorted(found, key=lambda p: (len(p.parts), p))


def reading_page(steps: list[tuple[str, list[Path]]]) -> str:
    """Return the page of the steps: each file with the first line of its docstring."""
    intro = "From the docstring of ``minigrad/__init__.py``; each name leads to the file's page."
    parts = [heading("The reading order", "="), intro]
    for number, (step, files) in enumerate(steps, 1):
        parts.append(f"**{number}.** {as_rst(step)}")
        parts.append(
            "\n".join(f"* :doc:`{name_of(f)} <{page_of(f)}>`: {summary(f)}" for f in files)
        )
    pages = "\n".join(f"   {page_of(file)}" for _, files in steps for file in files)
    return "\n\n".join([*parts, f".. toctree::\n   :hidden:\n\n{pages}\n"])


# ---------------------------------------------------------------- one file


def file_page(root: Path, file: Path) -> str:
    """Return a file's page: its docstring and its code.

    Of an operation or an optimizer: each derivation above what it derives, the same in plain loops,
    and the functions by which it is called, with links to the whole file.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree) or ""
    parts = [heading(name_of(file), "="), as_rst(docstring)]
    derived = [node for node in tree.body if isinstance(node, ast.ClassDef) and derives(node)]
    for node in derived:
        below = node.body[0].end_lineno + 2  # the docstring, and an empty line
        parts += [heading(node.name, "-"), as_rst(ast.get_docstring(node) or "")]
        parts.append(code(root, file, below, node.end_lineno))
    if not derived:
        parts.append(code(root, file))
    _, _, loops = docstring.partition("The same in plain loops: ")
    for name in re.findall(r"\w+\.py", loops):
        parts.append(heading(f"The same in plain loops: {name}", "-"))
        parts.append(code(root, root / "minigrad" / "functions" / "loops" / name))
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
    if derived and functions:
        module = ".".join(file.relative_to(root).with_suffix("").parts)
        parts.append(heading("What is called", "-"))
        parts += [f".. autofunction:: {module}.{name}" for name in functions]
    return "\n\n".join([*parts, ""])


def derives(node: ast.ClassDef) -> bool:
    """Return whether a class is an operation or an optimizer."""
    return bool({ast.unparse(base) for base in node.bases} & {"ArrayFunction", "Optimizer", "Adam"})


def code(root: Path, file: Path, first: int = 1, last: int | None = None) -> str:
    """Return the directive that shows a file's lines."""
    path = "/../../" + file.relative_to(root).as_posix()  # from the folder of conf.py
    lines = f"\n   :lines: {first}-{last}\n   :dedent: 4" if last else ""
    return f".. literalinclude:: {path}\n   :language: python{lines}"


def name_of(file: Path) -> str:
    """Return ``functions/relu.py`` of a path that ends in it."""
    parts = file.parts[len(file.parts) - file.parts[::-1].index("minigrad") :]
    return "/".join(parts)


def page_of(file: Path) -> str:
    """Return the name of a file's page."""
    return "files/" + name_of(file).removesuffix(".py")


def summary(file: Path) -> str:
    """Return the first sentence of a file's docstring."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return as_rst(docstring.partition("\n\n")[0])


# ---------------------------------------------------------------- the reference


def api_page(module: ModuleType) -> str:
    """Return the page of a namespace: its docstring, and each of its public names."""
    name = module.__name__
    parts, others = [heading(name, "="), f".. automodule:: {name}"], []
    for public in module.__all__:
        thing = getattr(module, public)
        home = next(n for n in NAMESPACES if vars(importlib.import_module(n)).get(public) is thing)
        if inspect.ismodule(thing):
            continue
        if home != name:
            others.append(f"* ``{name}.{public}`` is :py:obj:`{home}.{public}`")
        elif inspect.isclass(thing):
            parts.append(f".. autoclass:: {name}.{public}\n   :members:")
        elif inspect.isroutine(thing):
            parts.append(f".. autofunction:: {name}.{public}")
        else:
            others.append(f"* ``{name}.{public}`` is {constant(thing, public)}")
    if others:
        parts += [heading("Other names", "-"), "\n".join(others)]
    return "\n\n".join([*parts, ""])


def constant(thing: object, public: str) -> str:
    """Say what an object is that is no class and no function: another name of a dtype, mostly."""
    dtype = repr(thing).removeprefix("torch.")
    return (
        f"``{dtype}``"
        if dtype in minigrad.__all__ and dtype != public
        else (f"a ``{type(thing).__name__}``")
    )


def layers_table() -> str:
    """Return what `minigrad check` looks for, as a table in Markdown."""
    from pt_reference.check.contract import LAYERS

    rows = ["| class | functions | forward takes | owns | options, with their defaults |"]
    rows.append("| :--- | :--- | :--- | :--- | :--- |")
    for layer in LAYERS.values():
        functions = ["step"] if layer.is_optimizer else ["forward", "backward"]
        options = [*layer.required, *(f"{k}={v!r}" for k, v in layer.options.items())]
        columns: list[Iterator[str] | list[str]] = [
            [layer.name],
            [f"{layer.stem}_{name}" for name in functions],
            [] if layer.is_optimizer else list(layer.takes),
            list(layer.parameters),
            [*layer.sizes, *options],
        ]
        rows.append("| " + " | ".join(", ".join(f"`{c}`" for c in cell) for cell in columns) + " |")
    return "\n".join(rows) + "\n"


def lessons_page(files: list[Path]) -> str:
    """Return the page of the lessons: the first cell of each, which says what it is about."""
    parts = ["# Lessons", "Notebooks, kept as scripts; each runs in under a minute."]
    for file in files:
        cell = re.search(r"^# %% \[markdown\]\n((?:#.*\n)+)", file.read_text("utf-8"), re.MULTILINE)
        text = re.sub(r"^# ?", "", cell[1], flags=re.MULTILINE) if cell else f"# {file.stem}\n"
        text = re.sub(r"\((\d_\w+)\.ipynb\)", r"(#\1)", text)  # another lesson: it is on this page
        parts += [
            f"({file.stem})=",
            re.sub(r"^#", "##", text, flags=re.MULTILINE),
            f"`experiments/lessons/{file.name}`",
        ]
    return "\n\n".join([*parts, ""])


def heading(text: str, line: str) -> str:
    """Return a heading of reStructuredText."""
    return f"{text}\n{line * len(text)}"
