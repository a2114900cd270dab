#!/usr/bin/env python3
"""airbyte-cdk: a declarative source read in full, its messages written to a file, as a connector's `read` command does.

python airbyte_bench.py PORT [RECORDS]
"""

import json
import logging
import sys
import tempfile
from pathlib import Path

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

from measure import measure

# Two declared properties: less work for the peer than all 25 would be.
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": True,
    "properties": {"Id": {"type": "string"}, "Name": {"type": ["string", "null"]}},
}


def manifest(port):
    stream = {
        "type": "DeclarativeStream",
        "name": "accounts",
        "primary_key": ["Id"],
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": f"http://127.0.0.1:{port}/rest/",
                "path": "accounts",
                "http_method": "GET",
            },
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": {"type": "RequestPath"},
                "pagination_strategy": {
                    "type": "CursorPagination",
                    "cursor_value": "{{ response.get('next') }}",
                    "stop_condition": "{{ not response.get('next') }}",
                },
            },
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMA},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["accounts"]},
        "streams": [stream],
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    }


CATALOG = {
    "streams": [
        {
            "stream": {"name": "accounts", "json_schema": SCHEMA, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
    ]
}


def main(port, records):
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.json").write_text("{}", encoding="utf-8")
        (folder / "catalog.json").write_text(json.dumps(CATALOG), encoding="utf-8")
        arguments = ["read", "--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]
        catalog = ConcurrentDeclarativeSource.read_catalog(str(folder / "catalog.json"))
        source = ConcurrentDeclarativeSource(catalog=catalog, config={}, state=[], source_config=manifest(port))
        entrypoint = AirbyteEntrypoint(source)
        parsed = entrypoint.parse_args(arguments)

        def read():
            count = 0
            with (folder / "messages.jsonl").open("w", encoding="utf-8") as messages:
                for message in entrypoint.run(parsed):
                    messages.write(message + "\n")
                    count += '"type":"RECORD"' in message
            return count

        measure("airbyte-cdk", "extract", records, read)


if __name__ == "__main__":
    main(sys.argv[1], int((sys.argv[2:] or ["100000"])[0]))
