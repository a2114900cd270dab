"""Single records, describe, limits, what changed."""

from datetime import datetime, timedelta, timezone

from simple_salesforce import format_external_id
from simple_salesforce.exceptions import SalesforceResourceNotFound

from steps import equal, raises, step

NAME = "Zoë & Søns — 株式会社 𝄞"


def key(world, suffix):
    return f"ss-{world.facts.org_id}-{suffix}"


@step("creates a record")
def _(world):
    created = world.sf.Account.create(
        {"Name": NAME, "External_Id__c": key(world, "one"), "AnnualRevenue": 1234567.0, "NumberOfEmployees": 42}
    )
    equal(created["success"], True)
    equal(created["errors"], [])
    equal(len(created["id"]), 18, "length of the id")
    assert created["id"].startswith("001"), created["id"]
    world.account = created["id"]


@step("reads it by either form of its id")
def _(world):
    record = world.sf.Account.get(world.account)
    equal(record["attributes"]["type"], "Account")
    assert record["attributes"]["url"].endswith(f"/sobjects/Account/{world.account}"), record["attributes"]
    equal((record["Name"], record["AnnualRevenue"], record["NumberOfEmployees"]), (NAME, 1234567.0, 42))
    equal(record["IsDeleted"], False)
    equal(world.sf.Account.get(world.account[:15])["Id"], world.account, "id read by its short form")
    world.created_at = datetime.strptime(record["CreatedDate"], "%Y-%m-%dT%H:%M:%S.%f%z")
    some = world.sf.Account.get(world.account, params={"fields": "Id,Name"})
    equal(sorted(some), ["Id", "Name", "attributes"], "fields")


@step("reads it by its external id")
def _(world):
    equal(world.sf.Account.get_by_custom_id("External_Id__c", key(world, "one"))["Id"], world.account)


@step("updates it, and empties a field with null")
def _(world):
    equal(world.sf.Account.update(world.account, {"Phone": "+44 20 7946 0000", "NumberOfEmployees": None}), 204)
    record = world.sf.Account.get(world.account)
    equal((record["Phone"], record["NumberOfEmployees"], record["Name"]), ("+44 20 7946 0000", None, NAME))
    assert record["SystemModstamp"] >= record["CreatedDate"], record


@step("upserts by external id: creates, then updates")
def _(world):
    path = f"External_Id__c/{key(world, 'two')}"
    first = world.sf.Account.upsert(path, {"Name": "Second"}, raw_response=True)
    equal((first.status_code, first.json()["created"]), (201, True))
    second = world.sf.Account.upsert(path, {"Name": "Second, renamed"}, raw_response=True)
    equal((second.status_code, second.json()["created"]), (200, False))
    equal(second.json()["id"], first.json()["id"], "id")
    equal(world.sf.Account.get(first.json()["id"])["Name"], "Second, renamed")
    equal(world.sf.Account.upsert(path, {"Name": "Second"}), 200)


@step("upserts by an external id full of delimiters")
def _(world):
    hostile = key(world, "a/b c?d&e=f#g%2F'h\"é")
    path = format_external_id("External_Id__c", hostile)
    created = world.sf.Account.upsert(path, {"Name": "Delimited"}, raw_response=True)
    equal(created.status_code, 201)
    equal(world.sf.Account.get(path)["External_Id__c"], hostile)
    world.sf.Account.delete(created.json()["id"])


@step("deletes a record, once")
def _(world):
    doomed = world.sf.Account.create({"Name": "Doomed"})["id"]
    equal(world.sf.Account.delete(doomed), 204)
    raises(SalesforceResourceNotFound, lambda: world.sf.Account.get(doomed), 404)
    raises(SalesforceResourceNotFound, lambda: world.sf.Account.delete(doomed), 404, "ENTITY_IS_DELETED")
    world.deleted_account = doomed


@step("creates every standard object there is, related to one another")
def _(world):
    sf, account = world.sf, world.account
    contact = sf.Contact.create({"LastName": "Ångström", "AccountId": account, "Email": "a@example.com"})["id"]
    equal(sf.Contact.get(contact)["AccountId"], account)
    lead = sf.Lead.create({"LastName": "Ng", "Company": "Example", "Status": "Open - Not Contacted"})["id"]
    equal(sf.Lead.get(lead)["Company"], "Example")
    deal = {"Name": "Deal", "AccountId": account, "StageName": "Prospecting", "Amount": 10.25}
    opportunity = sf.Opportunity.create(deal | {"CloseDate": "2031-02-28"})["id"]
    record = sf.Opportunity.get(opportunity)
    equal((record["CloseDate"], record["Amount"], record["IsClosed"]), ("2031-02-28", 10.25, False))
    product = sf.Product2.create({"Name": "Widget", "ProductCode": "W-1", "IsActive": True})["id"]
    equal(sf.Product2.get(product)["IsActive"], True)
    world.contact, world.opportunity, world.product = contact, opportunity, product


@step("describes the org")
def _(world):
    described = world.sf.describe()
    equal((described["encoding"], described["maxBatchSize"]), ("UTF-8", 200))
    objects = {item["name"]: item for item in described["sobjects"]}
    wanted = ["Account", "Contact", "Lead", "Opportunity", "OpportunityLineItem", "Product2", "Pricebook2"]
    for name in [*wanted, "PricebookEntry", "User"]:
        equal(objects[name]["queryable"], True, f"{name} queryable")
        assert objects[name]["urls"]["sobject"].endswith(f"/sobjects/{name}"), objects[name]["urls"]
    equal(objects["Account"]["keyPrefix"], "001")
    assert any(item["custom"] for item in objects.values()), "no custom object"


@step("describes one object")
def _(world):
    described = world.sf.Account.describe()
    fields = {field["name"]: field for field in described["fields"]}
    equal(len(fields), len(described["fields"]), "field names are unique")
    equal((fields["Name"]["type"], fields["Name"]["nillable"]), ("string", False))
    equal((fields["External_Id__c"]["externalId"], fields["External_Id__c"]["custom"]), (True, True))
    equal((fields["Id"]["type"], fields["Id"]["updateable"]), ("id", False))
    equal((fields["OwnerId"]["type"], fields["OwnerId"]["relationshipName"]), ("reference", "Owner"))
    assert "User" in fields["OwnerId"]["referenceTo"], fields["OwnerId"]
    assert fields["Industry"]["picklistValues"], "no picklist values"
    children = {child["relationshipName"]: child for child in described["childRelationships"]}
    equal((children["Contacts"]["childSObject"], children["Contacts"]["field"]), ("Contact", "AccountId"))


@step("reads every field that describe names")
def _(world):
    for name in ["Account", "Contact", "Lead", "Opportunity", "Product2", "User"]:
        fields = [field["name"] for field in getattr(world.sf, name).describe()["fields"]]
        record = world.sf.query(f"SELECT {', '.join(fields)} FROM {name} LIMIT 1")["records"][0]
        equal(list(record), ["attributes", *fields], f"fields of {name}")


@step("reads an object's short form")
def _(world):
    basic = world.sf.Account.metadata()
    equal(basic["objectDescribe"]["name"], "Account")
    assert isinstance(basic["recentItems"], list), basic["recentItems"]


@step("reads limits, and usage from the response header")
def _(world):
    calls = world.sf.limits()["DailyApiRequests"]
    assert calls["Max"] >= calls["Remaining"] >= 0, calls
    usage = world.sf.api_usage["api-usage"]
    world.sf.limits()
    assert world.sf.api_usage["api-usage"].used > usage.used > 0, usage


@step("lists what was deleted and what was updated")
def _(world):
    start, end = world.created_at - timedelta(hours=1), datetime.now(timezone.utc) + timedelta(hours=1)
    deleted = world.sf.Account.deleted(start, max(end, world.created_at + timedelta(hours=1)))
    rows = {row["id"]: row["deletedDate"] for row in deleted["deletedRecords"]}
    assert world.deleted_account in rows and world.account not in rows, rows
    assert deleted["earliestDateAvailable"] and deleted["latestDateCovered"], deleted
    updated = world.sf.Account.updated(start, max(end, world.created_at + timedelta(hours=1)))
    assert world.account in updated["ids"] and world.deleted_account not in updated["ids"], updated


@step("calls a resource by its path: collections, composite, tree")
def _(world):
    records = [{"attributes": {"type": "Account"}, "Name": f"Collected {n}"} for n in range(3)]
    nameless = {"attributes": {"type": "Account"}}
    body = {"allOrNone": False, "records": [*records, nameless]}
    made = world.sf.restful("composite/sobjects", method="POST", json=body)
    equal([item["success"] for item in made], [True, True, True, False])
    equal(made[3]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")
    base = f"/services/data/v{world.sf.sf_version}/sobjects/Account"
    requests = [
        {"method": "POST", "url": base, "referenceId": "new", "body": {"Name": "Composed"}},
        {"method": "GET", "url": base + "/@{new.id}", "referenceId": "read"},
    ]
    composed = world.sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": requests})
    answers = {answer["referenceId"]: answer for answer in composed["compositeResponse"]}
    equal((answers["new"]["httpStatusCode"], answers["read"]["httpStatusCode"]), (201, 200))
    equal(answers["read"]["body"]["Name"], "Composed")
    child = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "Child"}
    parent = {"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Parent", "Contacts": {"records": [child]}}
    tree = {"records": [parent]}
    planted = world.sf.restful("composite/tree/Account", method="POST", json=tree)
    equal((planted["hasErrors"], [row["referenceId"] for row in planted["results"]]), (False, ["a", "c"]))
    ids = ",".join(item["id"] for item in made[:3])
    gone = world.sf.restful("composite/sobjects", params={"ids": ids, "allOrNone": "true"}, method="DELETE")
    equal([item["success"] for item in gone], [True, True, True])
