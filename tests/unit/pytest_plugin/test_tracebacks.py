"""Where the traceback of an error of the lens is cut."""

import traceback

from llm_latency_lens.budgets import read_plan
from llm_latency_lens.errors import BudgetError, LensError
from llm_latency_lens.pytest_plugin.tracebacks import end_at_the_test


def _caught(call):
    try:
        call()
    except LensError as fault:
        return fault
    raise AssertionError("nothing was raised")


def _functions(fault):
    return [one.name for one in traceback.extract_tb(fault.__traceback__)]


def test_frames_of_the_package_are_cut_off():
    """The last frame that stays is the one that called the package."""

    def of_a_test():
        read_plan({"p59": "2s"})

    fault = _caught(of_a_test)
    end_at_the_test(fault)

    assert ["_caught", "of_a_test"] == _functions(fault)


def test_an_error_that_a_test_raises_itself_is_left_alone():
    """Without a frame of the package nothing is cut, and its cause stays."""

    def of_a_test():
        raise BudgetError("mine") from ZeroDivisionError()

    fault = _caught(of_a_test)
    end_at_the_test(fault)

    assert ["_caught", "of_a_test"] == _functions(fault)
    assert isinstance(fault.__cause__, ZeroDivisionError)


def test_an_error_without_a_traceback_is_left_alone():
    """One that was never raised has nothing to cut."""
    fault = BudgetError("never raised")
    end_at_the_test(fault)

    assert fault.__traceback__ is None
