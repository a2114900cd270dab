"""What the Python peers share: the cost of one operation, printed as the last line in JSON."""

import json
import os
import time


def _memory(field):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def measure(peer, case, records, operation):
    """Runs `operation`, which returns how many records it handled, and prints what it cost.

    CPU is this process's own and its children's, user and system, over the operation only: imports and set-up are done before. The
    peak is reset first, so that it is the operation's; it needs Linux.
    """
    with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
        refs.write("5")
    idle = _memory("VmRSS")
    cpu, began = sum(os.times()[:4]), time.perf_counter()
    found = operation()
    seconds, cpu = time.perf_counter() - began, sum(os.times()[:4]) - cpu
    assert found == records, f"{found} records, wanted {records}"
    figures = {
        "peer": peer,
        "case": case,
        "records": records,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "records_per_cpu_second": round(records / cpu),
        "idle_rss_bytes": idle,
        "peak_rss_bytes": _memory("VmHWM"),
    }
    print(json.dumps(figures), flush=True)
