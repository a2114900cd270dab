#!/usr/bin/env python3
"""Drives the Salesforce sandbox with simple-salesforce, as an application would.

    python simple_salesforce_conformance.py FACTS

FACTS is a file with the JSON line that the `sandbox` example prints. Importing a module below registers its steps, in this order.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from steps import run_steps

import ss_login  # noqa: F401
import ss_records  # noqa: F401
import ss_query  # noqa: F401
import ss_errors  # noqa: F401
import ss_bulk  # noqa: F401

if __name__ == "__main__":
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(run_steps(SimpleNamespace(facts=SimpleNamespace(**facts))))
