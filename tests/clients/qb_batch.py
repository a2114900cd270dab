"""Batches and change data capture with python-quickbooks."""

import json
import uuid
from datetime import datetime, timedelta, timezone

import requests
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import GeneralException
from quickbooks.objects import Customer, Invoice

from qb_records import invoice, refused
from steps import equal, step


@step("creates 35 customers in two batches, and reports each refusal")
def _(world):
    unique = uuid.uuid4().hex[:8]
    wanted = []
    for number in range(35):
        customer = Customer()
        customer.DisplayName = f"Batch {unique} {number % 34}"
        wanted.append(customer)
    result = batch_create(wanted, qb=world.qb)
    equal((len(result.successes), len(result.faults)), (34, 1))
    equal(result.faults[0].Error[0].code, "6240")
    equal(result.faults[0].original_object.DisplayName, f"Batch {unique} 0")
    world.made = result.successes


@step("updates and deletes in batches")
def _(world):
    for customer in world.made:
        customer.Notes = "by batch"
    updated = batch_update(world.made, qb=world.qb)
    equal((len(updated.successes), len(updated.faults)), (34, 0))
    equal({customer.SyncToken for customer in updated.successes}, {"1"})
    stale = batch_update(world.made[:2], qb=world.qb)
    equal([fault.Error[0].code for fault in stale.faults], ["5010", "5010"])
    invoices = [invoice(world, 3).save(qb=world.qb) for _ in range(2)]
    deleted = batch_delete(invoices, qb=world.qb)
    equal(len(deleted.successes), 2)


@step("queries and voids within a batch")
def _(world):
    void = invoice(world, 7).save(qb=world.qb)
    items = [
        {"bId": "q", "Query": "select count(*) from Customer"},
        {"bId": "v", "operation": "update", "optionsData": "void", "Invoice": {"Id": void.Id, "SyncToken": void.SyncToken}},
    ]
    answers = world.qb.batch_operation(json.dumps({"BatchItemRequest": items}))["BatchItemResponse"]
    equal([answer["bId"] for answer in answers], ["q", "v"])
    assert answers[0]["QueryResponse"]["totalCount"] > 0
    equal(answers[1]["Invoice"]["TotalAmt"], 0)


@step("refuses a batch of 31")
def _(world):
    items = [{"bId": str(n), "Query": "select count(*) from Item"} for n in range(31)]
    refused(lambda: world.qb.batch_operation(json.dumps({"BatchItemRequest": items})), GeneralException, 1040)


@step("sees changes and deletes since a time")
def _(world):
    qb = world.qb
    requests.post(world.facts.base_url + "/_sandbox/clock", json={"advance_seconds": 5}, timeout=30).raise_for_status()
    now = requests.get(world.facts.base_url + "/_sandbox/clock", timeout=30).json()["now"]
    since = datetime.fromisoformat(now).astimezone(timezone.utc) - timedelta(seconds=2)
    kept, gone = invoice(world, 1).save(qb=qb), invoice(world, 2).save(qb=qb)
    gone.delete(qb=qb)
    changed = change_data_capture([Invoice, Customer], since.isoformat(timespec="seconds"), qb=qb)
    found = {one.Id: one for one in changed.Invoice._object_list}
    equal(set(found), {kept.Id, gone.Id}, "changed invoices")
    equal(found[gone.Id].status, "Deleted")
    equal([one.Id for one in changed.Customer._object_list], [world.customer.Id], "customers whose balance moved")
