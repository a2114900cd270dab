"""Bulk API 2.0: each operation, several jobs and pages, and every row accounted for."""

import csv
import io
import tempfile
from pathlib import Path

from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding, Operation
from simple_salesforce.exceptions import (
    SalesforceBulkV2LoadError,
    SalesforceMalformedRequest,
    SalesforceOperationError,
)

from steps import equal, raises, step

COUNT = 4001
FROM = "FROM Account WHERE External_Id__c LIKE 'bulk-%'"
DESCRIPTION = 'commas, "quotes", semi;colons\nand a second line\twith 𝄞 and ünïcode'


def rows(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def successful(world, job):
    """The rows of `successfulResults`, by way of a file: read as text, the client takes them for Latin-1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "successful.csv"
        world.sf.bulk2.Account.get_successful_records(job["job_id"], file=str(path))
        return rows(path.read_bytes().decode())


def records(first=0, count=COUNT, **fields):
    return [
        {"Name": f"Bulk {n}", "External_Id__c": f"bulk-{n:05}", "Description": DESCRIPTION} | fields
        for n in range(first, first + count)
    ]


def totals(results):
    return sum(job["numberRecordsProcessed"] for job in results), sum(job["numberRecordsFailed"] for job in results)


@step("bulk inserts 4,001 rows in three jobs, and accounts for each")
def _(world):
    results = world.sf.bulk2.Account.insert(records=records(), batch_size=1500, concurrency=2, wait=0.05)
    equal([job["numberRecordsTotal"] for job in results], [1500, 1500, 1001])
    equal(totals(results), (COUNT, 0), "processed and failed")
    world.bulk_ids = {}
    for job in results:
        for row in successful(world, job):
            equal((row["sf__Created"], row["Description"]), ("true", DESCRIPTION))
            world.bulk_ids[row["External_Id__c"]] = row["sf__Id"]
        equal(rows(world.sf.bulk2.Account.get_failed_records(job["job_id"])), [], "failed")
        equal(rows(world.sf.bulk2.Account.get_unprocessed_records(job["job_id"])), [], "unprocessed")
    equal(len(set(world.bulk_ids.values())), COUNT, "distinct ids")
    read = world.sf.query_all_iter(f"SELECT Id, External_Id__c {FROM}")
    found = {row["External_Id__c"]: row["Id"] for row in read}
    equal(found, world.bulk_ids, "rows read back")


@step("bulk updates by id, from a file with other delimiters and line endings")
def _(world):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "update.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\r\n")
            writer.writerow(["Id", "Phone", "Description"])
            writer.writerows([id_, f"+1 555 {n:04}", "#N/A"] for n, id_ in enumerate(world.bulk_ids.values()))
        results = world.sf.bulk2.Account.update(
            str(path), column_delimiter=ColumnDelimiter.TAB, line_ending=LineEnding.CRLF, wait=0.05
        )
    equal(totals(results), (COUNT, 0))
    changed = world.sf.query_all(f"SELECT Phone, Description {FROM}")["records"]
    equal(len({row["Phone"] for row in changed}), COUNT, "distinct phones")
    equal({row["Description"] for row in changed}, {None}, "emptied by #N/A")


@step("bulk upserts by external id: half updated, half created")
def _(world):
    results = world.sf.bulk2.Account.upsert(
        records=records(COUNT - 500, 1000, Phone="upserted"), external_id_field="External_Id__c", wait=0.05
    )
    equal(totals(results), (1000, 0))
    outcome = successful(world, results[0])
    equal(sorted(row["sf__Created"] for row in outcome), ["false"] * 500 + ["true"] * 500)
    for row in outcome:
        if row["sf__Created"] == "false":
            equal(row["sf__Id"], world.bulk_ids[row["External_Id__c"]], "id of an updated row")
        world.bulk_ids[row["External_Id__c"]] = row["sf__Id"]
    equal(world.sf.query(f"SELECT COUNT() {FROM} AND Phone = 'upserted'")["totalSize"], 1000)


@step("bulk insert reports the rows that fail, and inserts the others")
def _(world):
    given = [
        {"Name": "Good", "External_Id__c": "mixed-1", "NumberOfEmployees": "7"},
        {"Name": "", "External_Id__c": "mixed-2", "NumberOfEmployees": "7"},
        {"Name": "x" * 256, "External_Id__c": "mixed-3", "NumberOfEmployees": "7"},
        {"Name": "Not a number", "External_Id__c": "mixed-4", "NumberOfEmployees": "seven"},
    ]
    job = world.sf.bulk2.Account.insert(records=given, wait=0.05)[0]
    equal((job["numberRecordsProcessed"], job["numberRecordsFailed"], job["numberRecordsTotal"]), (4, 3, 4))
    everything = world.sf.bulk2.Account.get_all_ingest_records(job["job_id"])
    equal([row["External_Id__c"] for row in everything["successfulRecords"]], ["mixed-1"])
    equal(everything["unprocessedRecords"], [])
    failed = {row["External_Id__c"]: row["sf__Error"] for row in everything["failedRecords"]}
    equal(sorted(failed), ["mixed-2", "mixed-3", "mixed-4"])
    assert failed["mixed-2"].startswith("REQUIRED_FIELD_MISSING:"), failed
    assert failed["mixed-3"].startswith("STRING_TOO_LONG:"), failed
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "failed.csv"
        world.sf.bulk2.Account.get_failed_records(job["job_id"], file=str(path))
        equal(len(rows(path.read_bytes().decode())), 3, "failed rows in the file")
    world.sf.Account.delete(everything["successfulRecords"][0]["sf__Id"])


@step("a job with a column that is no field fails as a whole")
def _(world):
    bad = lambda: world.sf.bulk2.Account.insert(records=[{"Name": "x", "Nope__c": "1"}], wait=0.05)
    error = raises(SalesforceOperationError, bad)
    assert "Nope__c" in str(error), error


@step("an aborted job leaves its rows unprocessed")
def _(world):
    client = world.sf.bulk2.Account._client
    job = client.create_job(Operation.insert)
    equal((job["state"], job["object"], job["operation"]), ("Open", "Account", "insert"))
    client.upload_job_data(job["id"], "Name,External_Id__c\nNever,aborted-1\nNever,aborted-2\n")
    equal(client.abort_job(job["id"], False)["state"], "Aborted")
    unprocessed = rows(world.sf.bulk2.Account.get_unprocessed_records(job["id"]))
    equal([row["External_Id__c"] for row in unprocessed], ["aborted-1", "aborted-2"])
    equal(world.sf.query("SELECT COUNT() FROM Account WHERE External_Id__c LIKE 'aborted-%'")["totalSize"], 0)


@step("refuses a job on an unknown object, and an operation without its external id field")
def _(world):
    raises(SalesforceMalformedRequest, lambda: world.sf.bulk2.Nope__c._client.create_job(Operation.insert), 400)
    raises(SalesforceMalformedRequest, lambda: world.sf.bulk2.Account._client.create_job(Operation.upsert), 400)


@step("bulk queries in pages, each with its own header")
def _(world):
    soql = f"SELECT Id, External_Id__c, Phone {FROM}"
    pages = [rows(text) for text in world.sf.bulk2.Account.query(soql, max_records=1200, wait=0.05)]
    equal([len(page) for page in pages], [1200, 1200, 1200, 901], "rows a page")
    found = {row["External_Id__c"]: row["Id"] for page in pages for row in page}
    equal(found, world.bulk_ids, "rows")


@step("bulk queries into files, with another delimiter")
def _(world):
    with tempfile.TemporaryDirectory() as folder:
        results = world.sf.bulk2.Account.download(
            f"SELECT Id, Name {FROM}",
            folder,
            max_records=2000,
            column_delimiter=ColumnDelimiter.PIPE,
            wait=0.05,
        )
        equal([result["number_of_records"] for result in results], [2000, 2000, 501])
        read = [row for result in results for row in rows(Path(result["file"]).read_bytes().decode(), "|")]
    equal({row["Id"] for row in read}, set(world.bulk_ids.values()))


@step("a bulk query that cannot run fails")
def _(world):
    query = lambda: list(world.sf.bulk2.Account.query("SELECT Nope__c FROM Account", wait=0.05))
    raises((SalesforceMalformedRequest, SalesforceOperationError), query)


@step("bulk deletes into the recycle bin")
def _(world):
    ids = list(world.bulk_ids.values())
    keep, gone = ids[:100], ids[100:]
    results = world.sf.bulk2.Account.delete(records=[{"Id": id_} for id_ in gone], wait=0.05)
    equal(totals(results), (len(gone), 0))
    equal(world.sf.query(f"SELECT COUNT() {FROM}")["totalSize"], 100)
    bin_ = [rows(text) for text in world.sf.bulk2.Account.query_all(f"SELECT Id, IsDeleted {FROM}", wait=0.05)]
    equal(sum(row["IsDeleted"] == "true" for page in bin_ for row in page), len(gone), "rows in the bin")
    again = world.sf.bulk2.Account.delete(records=[{"Id": gone[0]}], wait=0.05)[0]
    equal((again["numberRecordsProcessed"], again["numberRecordsFailed"]), (1, 1), "a second delete")
    world.kept = keep


@step("bulk hard deletes past the recycle bin")
def _(world):
    results = world.sf.bulk2.Account.hard_delete(records=[{"Id": id_} for id_ in world.kept], wait=0.05)
    equal(totals(results), (100, 0))
    live = world.sf.query(f"SELECT COUNT() {FROM}", include_deleted=True)["totalSize"]
    equal(live, len(world.bulk_ids) - 100, "rows left, in the bin")


@step("bulk delete takes ids only")
def _(world):
    wide = lambda: world.sf.bulk2.Account.delete(records=[{"Id": world.account, "Name": "x"}])
    raises(SalesforceBulkV2LoadError, wide)
