#!/usr/bin/env python3
"""Drives the Slack sandbox with slack_sdk and slack_bolt, as an application would.

    python slack_conformance.py FACTS

FACTS is a file with the JSON line that the `sandbox` example prints. Importing a module below registers its steps, in this order.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from steps import run_steps

import slack_api  # noqa: F401
import slack_oauth  # noqa: F401
import slack_events  # noqa: F401
import slack_sockets  # noqa: F401

if __name__ == "__main__":
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(run_steps(SimpleNamespace(facts=SimpleNamespace(**facts))))
