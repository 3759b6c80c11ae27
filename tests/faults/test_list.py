"""Each fault of the list has a test, and the table says which."""

from . import __main__ as command
from .list import DECIDED_OTHERWISE, FAULTS


def test_every_fault_has_a_test(capsys):
    assert list(FAULTS) == list(range(1, 69))
    status = command.main()
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert " 2  a file cut behind its header" in out
    assert "tests/faults/test_data_files.py::test_2_cut_behind_the_header\n" in out


def test_a_fault_without_a_test_is_told(capsys, monkeypatch):
    tests = {n: ["a test"] for n in FAULTS if n not in (3, 62)} | {69: ["?"]}
    monkeypatch.setattr(command, "collected", lambda: tests)
    assert command.main() == 1
    err = capsys.readouterr().err
    assert err == "there is no fault [69]\nno test is about the faults [3]\n"
    assert 62 in DECIDED_OTHERWISE
