"""Whatever a file does to its process: it is named, the other layers are checked, nothing stays."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pt_reference.check import limits, walls
from pt_reference.check.answer_form import checked
from pt_reference.check.checker import check_file, check_files
from pt_reference.check.frames import BadFrame
from pt_reference.check.results import CRASHED, FAIL, NOT_ATTEMPTED, PASS, TIMED_OUT
from pt_reference.check.sandbox import Limits, Sandbox

pytestmark = pytest.mark.long  # each test starts a process, or several

LIMITS = Limits(seconds=2, load_seconds=30, memory=2 << 30)

FILE = """
import builtins, ctypes, json, os, signal, struct, sys, threading, time
import numpy as np

class Loops:
    def __del__(self):
        while True: pass

class Raises(Exception):
    def __str__(self):
        raise self

def outside(code):  # as if it stood in a library: past the audit hook
    exec(compile("import ctypes, os; libc = ctypes.CDLL(None)\\n" + code, "library", "exec"))

{top}

class Linear:
    def __init__(self, i, o, bias=True):
        self.bias = None
    def forward(self, x):
        {forward}
        self.x = x
        return x @ self.weight.T + (0 if self.bias is None else self.bias)
    def backward(self, g):
        {backward}
        self.grad_weight, self.grad_bias = g.T @ self.x, g.sum(0)
        return g @ self.weight

class ReLU:
    def forward(self, x):
        print("looks at", x.shape)
        self.mask = x > 0
        return np.where(self.mask, x, 0)
    def backward(self, g):
        return np.multiply(g, self.mask)
"""


def check(tmp_path, forward="pass", backward="pass", top="", limits=LIMITS):
    path = tmp_path / "file.py"
    path.write_text(FILE.format(forward=forward, backward=backward, top=top))
    return check_file(path, ["Linear", "ReLU", "Conv2d"], limits=limits)


def said(layer):
    return layer.verdict, layer.findings[0].cause.id


@pytest.fixture(autouse=True)
def _nothing_stays(tmp_path, monkeypatch):
    """After each test: no folder, no process that was started in one."""
    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))
    yield
    assert not list(folders.iterdir())
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True).stdout
    assert str(folders) not in listed


HARM = {
    "loops with signals ignored": (
        "[signal.signal(s, signal.SIG_IGN) for s in (2, 14, 15)]\n        while True: pass",
        TIMED_OUT,
        "timed_out",
    ),
    "swallows every exception": (
        "while True:\n            try:\n                while True: pass\n"
        "            except BaseException: pass",
        TIMED_OUT,
        "timed_out",
    ),
    "sleeps": ("time.sleep(100)", TIMED_OUT, "timed_out"),
    "stops itself": ("signal.raise_signal(signal.SIGSTOP)", TIMED_OUT, "timed_out"),
    "loops when thrown away": ("self.last = Loops()", TIMED_OUT, "timed_out"),
    "recursion": ("def f(): f()\n        f()", FAIL, "raises"),
    "crash in C": ("outside('ctypes.string_at(0)')", CRASHED, "crashed"),
    "abort": ("os.abort()", CRASHED, "crashed"),
    "SystemExit": ("raise SystemExit", CRASHED, "exits"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", CRASHED, "exits"),
    "an error without a text": ("raise Raises", FAIL, "raises"),
    "memory, a little at a time": (
        "kept = []\n        while True: kept.append(np.zeros(1 << 26))",
        CRASHED,
        "out_of_memory",
    ),
    "memory as a string": ("'x' * 10**10", CRASHED, "out_of_memory"),
    "shared memory": ("import mmap; mmap.mmap(-1, 10**10)", CRASHED, "out_of_memory"),
    "a large file": ("open('x', 'wb').write(bytes(10**7))", FAIL, "raises"),
    "stdin": ("input()", FAIL, "raises"),
    "removes NumPy": ("os.remove(np.__file__)", FAIL, "forbidden"),
    "closes what is open": ("os.closerange(0, 100)", CRASHED, "crashed"),
    "junk on every connection": (
        "for n in range(3, 20):\n            try: os.write(n, b'x' * 100)\n"
        "            except OSError: pass",
        CRASHED,
        "forged",
    ),
    "a forged answer": (
        "head = json.dumps({'printed': 0, 'tried': [], 'torch_calls': [], 'stage': '',"
        " 'layers': {}, 'arrays': []}).encode()\n        for n in range(3, 20):\n"
        "            try: os.write(n, struct.pack('<QI', len(head), len(head)) + head)\n"
        "            except OSError: pass",
        CRASHED,
        "forged",
    ),
    "None": ("return None", FAIL, "missing"),
    "a list": ("return [[1.0, 2.0]]", FAIL, "missing"),
    "a text": ("return 'y'", FAIL, "missing"),
    "objects": ("return np.array([object()])", FAIL, "missing"),
    "a huge array": ("return np.zeros((5000, 5000))", FAIL, "missing"),
    "a huge view": ("return np.broadcast_to(1.0, (10**9, 10**9))", FAIL, "missing"),
    "complex numbers": (
        "self.x = x; return x @ self.weight.T + (0j if self.bias is None else self.bias + 0j)",
        FAIL,
        "dtype",
    ),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_in_forward_is_named_and_the_next_layer_checked(tmp_path, name):
    act, verdict, cause = HARM[name]
    report = check(tmp_path, act)
    assert said(report.layers["Linear"]) == (verdict, cause)
    assert report.layers["ReLU"].verdict == PASS
    assert report.layers["Conv2d"].verdict == NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("act", "verdict", "cause"),
    [
        ("while True: pass", TIMED_OUT, "timed_out"),
        ("os._exit(3)", CRASHED, "exits"),
        ("return [1.0]", FAIL, "missing"),
    ],
)
def test_harm_in_backward_is_named_and_the_next_layer_checked(tmp_path, act, verdict, cause):
    report = check(tmp_path, backward=act)
    assert said(report.layers["Linear"]) == (verdict, cause)
    assert report.layers["ReLU"].verdict == PASS


@pytest.mark.parametrize(
    ("top", "verdict", "cause"),
    [
        ("os._exit(0)", CRASHED, "exits"),
        ("raise KeyboardInterrupt", CRASHED, "exits"),
        ("outside('ctypes.string_at(0)')", CRASHED, "crashed"),
        ("np.ones(10**10)", CRASHED, "out_of_memory"),
        ("os.closerange(0, 100)", CRASHED, "crashed"),
    ],
)
def test_harm_at_import_is_named(tmp_path, top, verdict, cause):
    report = check(tmp_path, top=top)
    assert said(report.layers["ReLU"]) == (verdict, cause)
    assert not report.passed


@pytest.mark.parametrize(
    "top",
    [
        "threading.Thread(target=Loops().__del__).start()",
        "sys.stdout = sys.stderr = None",
        "sys.stdout.close()",
        "sys.stdout.buffer.write(bytes(range(256)) * 1000)",
        "os.write(1, bytes(range(256)) * 1000)",
        "os.chdir('/')",
        "np.random.seed(0)",
        "np.seterr(all='raise')",
        "sys.setrecursionlimit(10**6)",
        "import atexit; atexit.register(Loops().__del__)",
        "os.mkdir('a'); open('a/b', 'w').close(); os.chmod('a', 0)",
        "del sys.modules['numpy'], sys.modules['json']",
        "builtins.len = builtins.sorted = builtins.isinstance = None",
        "np.asarray = np.dot = np.where = np.multiply = np.ndarray = None",
        "import pt_reference.check.frames as f; f.__dict__.pop('unknown', 0)",
    ],
)
def test_what_does_no_harm_to_the_checks_passes(tmp_path, top):
    report = check(tmp_path, top=top)
    assert report.layers["Linear"].verdict == report.layers["ReLU"].verdict == PASS


def test_what_a_file_replaces_is_named(tmp_path):
    report = check(tmp_path, top="np.dot = None; builtins.len = None")
    assert report.tried == ("replace builtins.len", "replace numpy.dot")
    assert report.layers["ReLU"].verdict == PASS


def test_a_library_cannot_be_written_over(tmp_path):
    import minigrad

    top = f"open({minigrad.__file__!r}, 'a').write('x')"
    report = check(tmp_path, top=f"try: {top}\nexcept OSError: pass")
    assert report.tried == ("write outside its folder: __init__.py",)
    assert report.layers["ReLU"].verdict == PASS


def test_a_million_lines(tmp_path):
    report = check(tmp_path, top="for n in range(1_000_000): print(n)")
    assert report.layers["Linear"].verdict == PASS
    assert report.printed_lines > 1_000_000


def test_texts_are_made_printable(tmp_path):
    report = check(tmp_path, "raise ValueError('\\x1b[2J\\ud800\\n' + 'x' * 10**6)")
    text = report.layers["Linear"].findings[0].failure.text
    assert text.isprintable()
    assert len(text) < 400


@pytest.mark.parametrize(
    "signature",
    ["(self, *, i, o)", "(self, *everything)", "(self, **everything)", "(self)", "(self, i, /, o)"],
)
def test_odd_signatures_are_survived(tmp_path, signature):
    text = FILE.format(forward="pass", backward="pass", top="")
    (tmp_path / "file.py").write_text(text.replace("(self, i, o, bias=True)", signature))
    report = check_file(tmp_path / "file.py", ["Linear", "ReLU"], limits=LIMITS)
    assert report.layers["Linear"].verdict in (PASS, FAIL)
    assert report.layers["ReLU"].verdict == PASS


def test_a_class_that_cannot_be_looked_at(tmp_path):
    odd = "class Odd(type):\n    @property\n    def __mro__(cls): raise ValueError('no')\n"
    text = FILE.format(forward="pass", backward="pass", top=odd)
    text = text.replace("class Linear:", "class Linear(metaclass=Odd):\n    __signature__ = 3")
    (tmp_path / "file.py").write_text(text)
    report = check_file(tmp_path / "file.py", ["Linear", "ReLU"], limits=LIMITS)
    assert report.layers["Linear"].verdict != PASS
    assert report.layers["ReLU"].verdict == PASS


def test_the_other_files_are_checked_in_their_order(tmp_path):
    paths = []
    for name, top in (("loops", "while True: pass"), ("right", ""), ("exits", "os._exit(1)")):
        paths.append(tmp_path / f"{name}.py")
        paths[-1].write_text(FILE.format(forward="pass", backward="pass", top=top))
    short = Limits(load_seconds=3)
    verdicts = [r.layers["ReLU"].verdict for r in check_files(paths, ["ReLU"], limits=short)]
    assert verdicts == [TIMED_OUT, PASS, CRASHED]


def test_pytorch_inside_is_named(tmp_path):
    act = "import torch; torch.nn.functional.linear(torch.ones(1, 1), torch.ones(1, 1))"
    report = check(tmp_path, act, limits=Limits(seconds=60))
    assert report.layers["Linear"].verdict == PASS
    assert "torch.nn.functional.linear" in report.uses_pytorch


# The kernel's walls


@pytest.fixture
def built(tmp_path):
    (tmp_path / "file.py").write_text("x = 1")
    with Sandbox(tmp_path / "file.py") as sandbox:
        sandbox.load()
        return sandbox.walls


def test_foreign_code_can_write_nothing(tmp_path, built):
    if "files" not in built:
        pytest.skip("no namespaces of files here")
    victim, new = tmp_path / "victim", tmp_path / "new"
    victim.write_text("kept")
    code = f"libc.unlink({os.fsencode(victim)!r})\nlibc.creat({os.fsencode(new)!r}, 7)"
    assert check(tmp_path, top=f"outside({code!r})").layers["ReLU"].verdict == PASS
    assert victim.read_text() == "kept"
    assert not new.exists()


@pytest.mark.parametrize(
    "call", ["fork()", "execv(b'/bin/true', None)", "socket(2, 1, 0)", "kill(os.getppid(), 9)"]
)
def test_foreign_code_can_start_and_reach_nothing(tmp_path, built, call):
    if "processes" not in built:
        pytest.skip("this processor's system calls are not listed")
    code = f"assert libc.{call} == -1"
    assert check(tmp_path, top=f"outside({code!r})").layers["ReLU"].verdict == PASS


def test_threads_can_be_started(tmp_path):
    top = "thread = threading.Thread(target=print); thread.start(); thread.join()"
    assert check(tmp_path, top=top).layers["ReLU"].verdict == PASS


def test_its_own_folder_can_be_written(tmp_path):
    top = "open('a', 'w').write('b'); assert open('a').read() == 'b'; os.remove('a')"
    assert check(tmp_path, top=top).tried == ()


def test_without_walls_the_refusals_are_left(tmp_path, monkeypatch):
    monkeypatch.setattr("pt_reference.check.sandbox._START", _without_walls())
    report = check(tmp_path, "os.fork()")
    assert said(report.layers["Linear"]) == (FAIL, "forbidden")
    assert said(check(tmp_path, "outside('ctypes.string_at(0)')").layers["Linear"]) == (
        CRASHED,
        "crashed",
    )
    assert check(tmp_path, "while True: pass").layers["Linear"].verdict == TIMED_OUT


def _without_walls():
    from pt_reference.check.sandbox import _START

    return _START.replace("walls.build({folder!r})", "[]")


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="for root alone")
def test_an_ordinary_user_can_check(tmp_path):
    (tmp_path / "file.py").write_text(FILE.format(forward="pass", backward="pass", top=""))
    (tmp_path / "folders").chmod(0o777)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    code = (
        "import sys, tempfile; from pt_reference.check.sandbox import Sandbox; "
        "tempfile.tempdir = sys.argv[2]; s = Sandbox(sys.argv[1]); print(*s.load()['layers']); "
        "print(s.ask({'do': 'draw', 'layer': 'Linear', 'sizes': [1, 2]}, {})[0]); s.close()"
    )
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-B"]
    probe = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import numpy'], check=True)"
    )
    if subprocess.run([*become, "-c", probe], capture_output=True).returncode:
        pytest.skip("others may not use this interpreter")
    arguments = [*become, "-c", code, tmp_path / "file.py", tmp_path / "folders"]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.startswith("Linear ReLU\n"), done.stderr
    assert "error" not in done.stdout


# The parts


def test_off_linux_there_are_no_walls(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert walls.build("/nowhere") == []


def test_a_system_that_knows_no_limit_of_memory(monkeypatch):
    def refuse(what, pair):
        raise ValueError

    monkeypatch.setattr(resource, "setrlimit", refuse)
    limits.apply(1, 1)


GOOD = {"token": "t", "stage": "", "printed": 0, "tried": [], "torch_calls": []}


@pytest.mark.parametrize(
    "change",
    [
        {"token": "u"},
        {"printed": "many"},
        {"tried": None},
        {"changed": []},
        {"changed": {"forward": "x"}},
        {"error": {"type": ["a"]}},
        {"types": {}},
        {"layers": {"Linear": {"style": 3}}},
    ],
)
def test_a_strange_answer_is_refused(change):
    arrays = {"output": np.zeros(2)}
    assert checked(dict(GOOD), "t", arrays)["printed"] == 0
    with pytest.raises(BadFrame):
        checked(GOOD | change, "t", arrays)


def test_a_process_that_does_not_start_is_no_fault_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("pt_reference.check.sandbox._START", "raise ImportError('no NumPy')")
    (tmp_path / "file.py").write_text("class ReLU: pass")
    with (
        pytest.raises(RuntimeError, match=r"does not start: .*no NumPy"),
        Sandbox(tmp_path / "file.py") as sandbox,
    ):
        sandbox.load()
