"""What an answer of the process may say. Whatever else arrives, a student's file has forged it."""

from typing import Any

import numpy as np

from pt_reference.check.frames import BadFrame

_OPTIONAL = {  # what it says, and of which kind that is
    "layers": {str: {str: (str, [str])}},
    "walls": [str],
    "changed": {str: [str]},
    "aliases": [[str]],
    "missing": {str: str},
    "types": {str: str},
    "error": {str: (str, int, None)},
}
_ALWAYS = {"stage": str, "printed": int, "tried": [str], "torch_calls": [str]}


def checked(header: Any, token: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return an answer's header, with texts that a terminal can print. BadFrame if it is none."""
    if not isinstance(header, dict) or header.pop("token", None) != token:
        raise BadFrame("an answer that nobody asked for")
    forms = _ALWAYS | {k: v for k, v in _OPTIONAL.items() if k in header}
    wrong = [k for k, form in forms.items() if not _has_form(header.get(k), form)]
    untyped = {k for k in arrays if "." not in k} - set(header.get("types", arrays))
    if wrong or untyped:
        raise BadFrame(f"an answer with a strange {[*wrong, *untyped][0]}")
    return _printable({k: header[k] for k in forms})


def _has_form(value: Any, form: Any) -> bool:
    if isinstance(form, tuple):
        return any(_has_form(value, one) for one in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(_has_form(v, form[0]) for v in value)
    if isinstance(form, dict):
        return isinstance(value, dict) and all(_has_form(v, form[str]) for v in value.values())
    return value is None if form is None else isinstance(value, form)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in value)
    if isinstance(value, list):
        return [_printable(v) for v in value]
    if isinstance(value, dict):
        return {k: _printable(v) for k, v in value.items()}
    return value
