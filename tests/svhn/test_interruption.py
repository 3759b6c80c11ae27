"""Ctrl-C: the first waits for the batch at hand, the second does not."""

import signal
import threading

import pytest

from experiments.interruption import Interrupted, gentle, interruptible

CTRL_C = signal.SIGINT


def test_the_first_waits_for_the_batch_at_hand(capsys):
    done = []
    with pytest.raises(Interrupted), gentle():  # noqa: PT012
        for batch in interruptible(range(5)):
            if batch == 2:
                signal.raise_signal(CTRL_C)
            done.append(batch)
    assert done == [0, 1, 2]
    assert capsys.readouterr().err == "Ctrl-C: ending after this batch; once more ends at once\n"


def test_the_second_ends_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt) as caught, gentle():  # noqa: PT012
        for batch in interruptible(range(5)):
            signal.raise_signal(CTRL_C)
            signal.raise_signal(CTRL_C)
            done.append(batch)
    assert caught.type is KeyboardInterrupt
    assert done == []


def test_after_the_last_batch_it_is_not_forgotten():
    with pytest.raises(Interrupted), gentle():  # noqa: PT012
        list(interruptible(range(2)))
        signal.raise_signal(CTRL_C)


def test_one_within_another_forgets_no_signal():
    """A sweep is gentle, and each of its runs; a signal may come while a run is prepared."""
    done = []
    with pytest.raises(Interrupted), gentle():  # noqa: PT012
        signal.raise_signal(CTRL_C)
        with gentle():
            done.extend(interruptible(range(5)))
    assert done == [0]
    with pytest.raises(Interrupted), gentle():  # noqa: PT012
        with gentle():
            list(interruptible(range(2)))
        signal.raise_signal(CTRL_C)
    with gentle():
        pass


def test_outside_ctrl_c_is_pythons_own_and_nothing_is_left_behind():
    before = signal.getsignal(CTRL_C)
    with gentle():
        assert signal.getsignal(CTRL_C) is not before
    assert signal.getsignal(CTRL_C) is before
    with pytest.raises(Interrupted), gentle():
        signal.raise_signal(CTRL_C)
    assert signal.getsignal(CTRL_C) is before
    assert list(interruptible([1, 2])) == [1, 2]


def test_other_threads_have_nothing_to_change():
    failed = []

    def work():
        try:
            with gentle():
                list(interruptible([1]))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failed == []
