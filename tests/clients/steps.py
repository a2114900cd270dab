"""What the Python drivers share: named steps that run in order, each either ok or failed."""

import sys
import time
import traceback

_STEPS = []


def step(name):
    """Registers a function as a step. Steps run in the order in which they are written."""

    def register(function):
        _STEPS.append((name, function))
        return function

    return register


def run_steps(world):
    """Runs every step, one line each, and returns the process's exit code."""
    passed = failed = 0
    for name, function in _STEPS:
        began = time.monotonic()
        try:
            function(world)
        except Exception:  # a step that breaks in any way has failed, and the next one still runs
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"FAILED  {name}", flush=True)
        else:
            passed += 1
            print(f"ok      {name} ({time.monotonic() - began:.2f} s)", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 else 1


def equal(found, wanted, what="value"):
    """Fails with both values, or the beginning of long ones, unless they are equal."""
    assert found == wanted, f"{what}: found {found!r:.600}, wanted {wanted!r:.600}"


def raises(kind, call, status=None, code=None):
    """Runs `call`, which has to raise `kind` (or one of them) with this status and error code; returns the exception."""
    try:
        found = call()
    except kind as error:
        if status is not None:
            equal(error.status, status, "status")
        if code is not None:
            equal(error.content[0]["errorCode"], code, "error code")
        return error
    raise AssertionError(f"expected {kind}, got {found!r}")
