"""no_grad, enable_grad, set_grad_enabled: what is recorded where."""

import threading

import pytest


def recorded(torch):
    return (torch.ones(1, requires_grad=True) * 2).requires_grad


def test_recording_is_on_unless_switched_off(torch):
    assert torch.is_grad_enabled()
    with torch.no_grad():
        assert not torch.is_grad_enabled()
        assert not recorded(torch)
        with torch.enable_grad():
            assert recorded(torch)
        assert not recorded(torch)
    assert recorded(torch)


def test_an_exception_restores_the_mode(torch):
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        1 / 0  # noqa: B018
    assert torch.is_grad_enabled()


def test_an_operation_that_fails_restores_the_mode(torch):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError):
        x @ torch.ones(3)
    assert recorded(torch)


def test_decorators(torch):
    @torch.no_grad()
    def quiet():
        return recorded(torch)

    @torch.enable_grad()
    def loud():
        return recorded(torch)

    assert (quiet(), loud(), recorded(torch)) == (False, True, True)
    with torch.no_grad():
        assert (quiet(), loud(), recorded(torch)) == (False, True, False)


def test_a_decorator_without_brackets(torch):
    @torch.no_grad
    def quiet():
        return recorded(torch)

    assert not quiet()


def test_set_grad_enabled_as_a_statement_and_as_a_block(torch):
    torch.set_grad_enabled(False)
    try:
        assert not recorded(torch)
        with torch.set_grad_enabled(True):
            assert recorded(torch)
        assert not recorded(torch)
    finally:
        torch.set_grad_enabled(True)
    with torch.set_grad_enabled(False):
        assert not recorded(torch)
    assert recorded(torch)


def test_set_grad_enabled_as_a_decorator(torch):
    @torch.set_grad_enabled(False)
    def quiet():
        return recorded(torch)

    assert (quiet(), recorded(torch), quiet()) == (False, True, False)


def test_a_leaf_made_under_no_grad_may_require_a_gradient(torch):
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_the_mode_belongs_to_a_thread(torch):
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]
