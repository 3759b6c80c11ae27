"""How a program is laid out: short expressions in one another, and the shapes beside them."""

from __future__ import annotations

from collections import Counter

from minigrad.explain.program import Line, Program

_COLUMN = 60  # where the shapes stand
_LONG = 70  # an expression of more letters is not put into another one


def render(program: Program) -> str:
    """Return a program's text."""
    return _Layout(_needed(program)).text()


def _needed(program: Program) -> list[Line | str]:
    """Return the program without lines that make what nobody uses, as for a condition in Python."""
    used: set[Line] = set()
    kept: list[Line | str] = []
    for line in reversed(program.lines):
        if isinstance(line, Line):
            if not (line.is_final or line.value is None or line in used):
                continue
            used.update(line.used())
        kept.append(line)
    return kept[::-1]


class _Layout:
    """The rows of the text, as far as it is written."""

    def __init__(self, lines: list[Line | str]) -> None:
        self.lines = lines
        self.rows: list[str] = []
        self.uses: Counter[Line] = Counter()
        self.last_use: dict[Line, int] = {}
        for number, line in enumerate(lines):
            if isinstance(line, Line):
                self.uses.update(line.used())
                self.last_use.update(dict.fromkeys(line.used(), number))
        # Who has a name, final ones forever.
        self.holders = {x.name: x for x in lines if isinstance(x, Line) and x.is_final}
        self.texts: dict[Line, str] = {}  # what stands for a line in others
        self.waiting: list[Line] = []  # expressions just above, which the next line may take in

    def text(self) -> str:
        """Return the program's text."""
        for number, line in enumerate(self.lines):
            if isinstance(line, str):
                self._write_waiting(number)
                self.rows.append(f"\n# {line}")
            else:
                self._add(line, number)
        return "\n".join(self.rows) + "\n"

    def _add(self, line: Line, number: int) -> None:
        used = line.used()
        taken_in = [other for other in self.waiting if other in used]
        self.waiting = [other for other in self.waiting if other not in used]
        self.texts[line] = text = _joined(line, self.texts, taken_in)
        if line.value is not None and self._can_wait(line):
            self.waiting.append(line)
            return
        self._write_waiting(number)
        if line.value is None:
            self.rows.append(text)
        else:
            self._write(line, number)

    def _can_wait(self, line: Line) -> bool:
        return not line.name and self.uses[line] == 1 and len(self.texts[line]) <= _LONG

    def _write_waiting(self, number: int) -> None:
        for line in self.waiting:
            self._write(line, number)
        self.waiting = []

    def _write(self, line: Line, number: int) -> None:
        """Give a line a row and a name; it may have one again that is not used any more."""
        wanted = name = line.name or "t"
        count = 1
        while not line.is_final and self._is_in_use(name, number):
            count += 1
            name = f"{wanted}{count}"
        self.holders[name] = line
        row = f"{name} = {self.texts[line]}"
        shape = getattr(line.value, "shape", None)
        self.rows.append(f"{row:<{_COLUMN}}  # {shape}" if shape is not None else row)
        self.texts[line] = name

    def _is_in_use(self, name: str, number: int) -> bool:
        holder = self.holders.get(name)
        if holder is None:
            return False
        return holder.is_final or self.last_use.get(holder, -1) >= number


def _joined(line: Line, texts: dict[Line, str], taken_in: list[Line]) -> str:
    """Return a line's text, with parentheses around a sum or the like unless others are there."""
    text = ""
    for k, part in enumerate(line.parts):
        if isinstance(part, str):
            text += part
            continue
        after = line.parts[k + 1] if k + 1 < len(line.parts) else ""
        stands_alone = text.endswith(("(", ", ", "= ", "[")) or not text
        stands_alone &= isinstance(after, str) and (not after or after[0] in "),]")
        in_parentheses = part in taken_in and part.is_sum and not stands_alone
        text += f"({texts[part]})" if in_parentheses else texts[part]
    return text
