#!/usr/bin/env python3
"""dlt: the extract step of its rest_api source, into the files that its next step would read.

python dlt_bench.py PORT [RECORDS]
"""

import os
import sys
import tempfile

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.rest_api import rest_api_source

from measure import measure


def main(port, records):
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("peer", pipelines_dir=folder, destination="filesystem")
        source = rest_api_source(
            {
                "client": {
                    "base_url": f"http://127.0.0.1:{port}/rest/",
                    "paginator": {"type": "json_link", "next_url_path": "next"},
                },
                "resources": [{"name": "accounts", "endpoint": {"path": "accounts", "data_selector": "data"}}],
            }
        )

        def extract():
            info = pipeline.extract(source)
            steps = [step["table_metrics"] for steps in info.metrics.values() for step in steps]
            return sum(tables["accounts"].items_count for tables in steps if "accounts" in tables)

        measure("dlt", "extract", records, extract)


if __name__ == "__main__":
    main(sys.argv[1], int((sys.argv[2:] or ["100000"])[0]))
