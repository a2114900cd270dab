"""Errors arrive as the exceptions that simple-salesforce has for them, with Salesforce's own codes."""

import requests
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from steps import equal, raises, step


@step("names what is wrong with a query")
def _(world):
    for soql, code in [
        ("SELECT FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'unterminated", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Nope__c FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nope__c = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Nope__c", "INVALID_TYPE"),
    ]:
        raises(SalesforceMalformedRequest, lambda: world.sf.query(soql), 400, code)


@step("refuses a page that does not exist")
def _(world):
    more = lambda: world.sf.query_more("0r8xx00000000000AA-2000")
    raises(SalesforceMalformedRequest, more, 400, "INVALID_QUERY_LOCATOR")


@step("names the field that is missing, unknown, of the wrong type or too long")
def _(world):
    create = world.sf.Account.create
    for fields, code, named in [
        ({}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x", "Nope__c": 1}, "INVALID_FIELD", None),
        ({"Name": "x", "NumberOfEmployees": "many"}, None, None),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
    ]:
        error = raises(SalesforceMalformedRequest, lambda: create(fields), 400, code)
        if named is not None:
            equal(error.content[0]["fields"], named, "fields")
        assert error.content[0]["message"], error.content


@step("does not know an object, a record, an external id field")
def _(world):
    sf = world.sf
    raises(SalesforceResourceNotFound, lambda: sf.Nope__c.describe(), 404, "NOT_FOUND")
    raises(SalesforceResourceNotFound, lambda: sf.Account.get("001000000000000AAA"), 404, "NOT_FOUND")
    by_key = lambda: sf.Account.get_by_custom_id("External_Id__c", "no such key")
    raises(SalesforceResourceNotFound, by_key, 404, "NOT_FOUND")
    raises(SalesforceResourceNotFound, lambda: sf.restful("no/such/resource"), 404, "NOT_FOUND")


@step("refuses to choose between two records with one external id")
def _(world):
    field = next(f for f in world.sf.Account.describe()["fields"] if f["name"] == "External_Id__c")
    ids = [world.sf.Account.create({"Name": "Twin", "External_Id__c": "ss-twin"})["id"]]
    if field["unique"]:
        again = lambda: world.sf.Account.create({"Name": "Twin", "External_Id__c": "ss-twin"})
        raises(SalesforceMalformedRequest, again, 400, "DUPLICATE_VALUE")
    else:
        ids.append(world.sf.Account.create({"Name": "Twin", "External_Id__c": "ss-twin"})["id"])
        upsert = lambda: world.sf.Account.upsert("External_Id__c/ss-twin", {"Name": "Which?"})
        error = raises(SalesforceMoreThanOneRecord, upsert, 300)
        equal(sorted(url.rsplit("/", 1)[1] for url in error.content), sorted(ids), "records named")
    for record in ids:
        world.sf.Account.delete(record)


def fault(world, **rule):
    """Makes the next call fail, through the sandbox's own control API."""
    session = requests.Session()
    session.trust_env = False
    answer = session.post(f"{world.facts.base_url}/_sandbox/faults", json=[{**rule, "count": 1}])
    answer.raise_for_status()


@step("passes on a spent request limit, a server error and a locked row")
def _(world):
    for kind, exception, status, code in [
        ("request_limit", SalesforceRefusedRequest, 403, "REQUEST_LIMIT_EXCEEDED"),
        ("500", SalesforceGeneralError, 500, "UNKNOWN_EXCEPTION"),
        ("503", SalesforceGeneralError, 503, "SERVER_UNAVAILABLE"),
    ]:
        fault(world, kind=kind)
        raises(exception, lambda: world.sf.query("SELECT Id FROM Account LIMIT 1"), status, code)
    fault(world, kind="lock_row")
    update = lambda: world.sf.Account.update(world.account, {"Phone": "1"})
    raises(SalesforceMalformedRequest, update, 400, "UNABLE_TO_LOCK_ROW")
    equal(world.sf.Account.update(world.account, {"Phone": "1"}), 204, "the next try")
