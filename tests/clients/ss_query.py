"""SOQL: paging with exact counts, relationships, and values that try to break out of their quotes."""

from datetime import datetime, timezone

from simple_salesforce import format_soql

from steps import equal, step

HOSTILE = [
    "O'Reilly",
    "back\\slash",
    "quote\" and 'quote'",
    "line\nbreak\ttab\rreturn",
    "100%_sure",
    "' OR Name != '",
    "\\' OR Name LIKE '%",
    "emoji 😀, kanji 株式会社, clef 𝄞",
    "</script><b>&amp;",
    "null",
    "{braces} [brackets] (parens), comma; semicolon",
]


def count(sf, condition=""):
    result = sf.query(f"SELECT COUNT() FROM Account {condition}")
    equal((result["records"], result["done"]), ([], True), "COUNT() answer")
    return result["totalSize"]


@step("reads every page of a query, each record once (query_all_iter)")
def _(world):
    total = count(world.sf)
    assert total > 4000, f"{total} accounts are too few for several pages"
    ids = [record["Id"] for record in world.sf.query_all_iter("SELECT Id, Name FROM Account")]
    equal((len(ids), len(set(ids))), (total, total), "records and distinct ids")


@step("reads every page at once (query_all)")
def _(world):
    result = world.sf.query_all("SELECT Id FROM Contact")
    total = world.sf.query("SELECT COUNT() FROM Contact")["totalSize"]
    equal((result["totalSize"], len({record["Id"] for record in result["records"]})), (total, total))


@step("reads page after page by hand (query, query_more)")
def _(world):
    for by_url in [True, False]:
        page = world.sf.query("SELECT Id FROM Account ORDER BY Id")
        total, seen, pages = page["totalSize"], [], 1
        while True:
            seen += [record["Id"] for record in page["records"]]
            equal(page["totalSize"], total, "totalSize")
            equal("nextRecordsUrl" in page, not page["done"], "nextRecordsUrl is there unless done")
            if page["done"]:
                break
            url = page["nextRecordsUrl"]
            page = world.sf.query_more(url if by_url else url.rsplit("/", 1)[1], identifier_is_url=by_url)
            pages += 1
        assert pages >= 3, f"{pages} pages"
        equal((len(seen), seen), (total, sorted(set(seen))), "ids, in order and once")


@step("honours a smaller page size")
def _(world):
    page = world.sf.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=200"})
    equal((len(page["records"]), page["done"]), (200, False))


@step("sees deleted records only when asked to")
def _(world):
    soql = format_soql("SELECT Id, IsDeleted FROM Account WHERE Id = {}", world.deleted_account)
    equal(world.sf.query(soql)["totalSize"], 0)
    found = world.sf.query(soql, include_deleted=True)
    equal([(record["Id"], record["IsDeleted"]) for record in found["records"]], [(world.deleted_account, True)])
    everything = list(world.sf.query_all_iter("SELECT Id FROM Account", include_deleted=True))
    assert len(everything) > count(world.sf), "queryAll found no deleted row"


@step("finds exactly the record whose name tries to break out of its quotes")
def _(world):
    ids = {}
    for number, name in enumerate(HOSTILE):
        ids[name] = world.sf.Account.create({"Name": name, "External_Id__c": f"hostile-{number}"})["id"]
    for name in HOSTILE:
        soql = format_soql("SELECT Id, Name FROM Account WHERE Name = {} AND External_Id__c LIKE 'hostile-%'", name)
        found = world.sf.query(soql)["records"]
        equal([(record["Id"], record["Name"]) for record in found], [(ids[name], name)], f"name {name!r}")
    soql = format_soql("SELECT Id FROM Account WHERE Name IN {}", HOSTILE)
    equal({record["Id"] for record in world.sf.query_all(soql)["records"]}, set(ids.values()), "IN")
    world.hostile = list(ids.values())


@step("takes % and _ literally in LIKE when they are escaped")
def _(world):
    soql = "SELECT Name FROM Account WHERE External_Id__c LIKE 'hostile-%' AND Name LIKE '{:like}%'"
    equal([row["Name"] for row in world.sf.query(format_soql(soql, "100%_s"))["records"]], ["100%_sure"])
    equal(world.sf.query(format_soql(soql, "1__"))["totalSize"], 0)
    wild = world.sf.query("SELECT Name FROM Account WHERE External_Id__c LIKE 'hostile-%' AND Name LIKE '1__%'")
    equal([row["Name"] for row in wild["records"]], ["100%_sure"])


@step("compares times, dates, numbers, booleans and null")
def _(world):
    at = world.created_at.astimezone(timezone.utc)
    soql = "SELECT COUNT() FROM Account WHERE Id = {} AND CreatedDate >= {}"
    equal(world.sf.query(format_soql(soql, world.account, at))["totalSize"], 1)
    late = datetime(2099, 1, 1, tzinfo=timezone.utc)
    equal(world.sf.query(format_soql(soql, world.account, late))["totalSize"], 0)
    for condition in [
        "CloseDate = 2031-02-28",
        "CloseDate > TODAY",
        "CreatedDate = LAST_N_DAYS:3650",
        "Amount = 10.25 AND IsClosed = false",
        "NextStep = null AND NOT (StageName = 'Closed Won')",
        "StageName NOT IN ('Closed Won', 'Closed Lost') AND (Amount < 11 OR Amount > 12000)",
    ]:
        found = world.sf.query(f"SELECT Id FROM Opportunity WHERE Id = '{world.opportunity}' AND ({condition})")
        equal(found["totalSize"], 1, condition)


@step("follows relationships up and down")
def _(world):
    up = world.sf.query(f"SELECT Id, Account.Name, Account.Owner.Name FROM Contact WHERE Id = '{world.contact}'")
    account = up["records"][0]["Account"]
    equal(account["attributes"]["type"], "Account")
    assert account["Owner"]["Name"], account
    down = world.sf.query(f"SELECT Id, (SELECT Id, LastName FROM Contacts) FROM Account WHERE Id = '{world.account}'")
    contacts = down["records"][0]["Contacts"]
    equal((contacts["totalSize"], contacts["done"]), (1, True))
    equal(contacts["records"][0]["Id"], world.contact)
    none = world.sf.query(f"SELECT (SELECT Id FROM Contacts) FROM Account WHERE Id = '{world.hostile[0]}'")
    equal(none["records"][0]["Contacts"], None, "a child list that is empty")


@step("sorts, limits, skips, groups and counts")
def _(world):
    names = [row["Name"] for row in world.sf.query("SELECT Name FROM Account ORDER BY Id LIMIT 10")["records"]]
    part = world.sf.query("SELECT Name FROM Account ORDER BY Id LIMIT 4 OFFSET 3")
    equal(([row["Name"] for row in part["records"]], part["totalSize"]), (names[3:7], 4))
    grouped = world.sf.query("SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry")
    equal(sum(row["n"] for row in grouped["records"]), count(world.sf), "sum of the groups")
    equal({row["attributes"]["type"] for row in grouped["records"]}, {"AggregateResult"})
    row = world.sf.query("SELECT COUNT(Id), MAX(CreatedDate) FROM Account")["records"][0]
    equal(row["expr0"], count(world.sf))
    assert row["expr1"] >= "2000", row


@step("cleans up, one by one")
def _(world):
    for record in world.hostile:
        equal(world.sf.Account.delete(record), 204)
