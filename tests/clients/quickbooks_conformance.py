#!/usr/bin/env python3
"""Drives the QuickBooks sandbox with python-quickbooks and intuit-oauth, as an application would.

    python quickbooks_conformance.py FACTS

FACTS is a file with the JSON line that the `sandbox` example prints. Importing a module below registers its steps, in this order.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

# The clients' OAuth library refuses plain HTTP unless told.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from steps import run_steps

import qb_login  # noqa: F401
import qb_records  # noqa: F401
import qb_batch  # noqa: F401
import qb_webhooks  # noqa: F401
import qb_end  # noqa: F401

if __name__ == "__main__":
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(run_steps(SimpleNamespace(facts=SimpleNamespace(**facts))))
