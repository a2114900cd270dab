#!/usr/bin/env python3
"""simple-salesforce: `query_all_iter`, and a Bulk API 2.0 insert.

python simple_salesforce_bench.py PORT query|bulk [RECORDS]
"""

import sys

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from measure import measure
from rows import accounts

SOQL = (
    "SELECT Id, IsDeleted, Name, Type, Industry, Phone, Fax, Website, AccountNumber, BillingStreet, BillingCity, BillingState, "
    "BillingPostalCode, BillingCountry, ShippingCity, ShippingCountry, AnnualRevenue, NumberOfEmployees, Description, Rating, "
    "OwnerId, External_Id__c, CreatedDate, LastModifiedDate, SystemModstamp FROM Account"
)


class Plain(HTTPAdapter):
    """simple-salesforce writes https into every URL; the server speaks plain HTTP, which is to the peer's advantage."""

    def send(self, request, **options):
        request.url = "http" + request.url.removeprefix("https")
        return super().send(request, **options)


def connect(port):
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Plain())
    return Salesforce(session_id="00Dxx!bench", instance_url=f"https://127.0.0.1:{port}", session=session, version="62.0")


def query(sf, records):
    measure("simple-salesforce", "query", records, lambda: sum(1 for _ in sf.query_all_iter(SOQL)))


def bulk(sf, records):
    rows = accounts(records)
    insert = lambda: sf.bulk2.Account.insert(records=rows, wait=0)
    measure("simple-salesforce", "bulk", records, lambda: sum(job["numberRecordsProcessed"] for job in insert()))


if __name__ == "__main__":
    port, case = sys.argv[1:3]
    {"query": query, "bulk": bulk}[case](connect(port), int((sys.argv[3:] or ["100000"])[0]))
