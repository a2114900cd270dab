#!/usr/bin/env python3
"""python-quickbooks: pages of a thousand customers.

python python_quickbooks_bench.py PORT [RECORDS]
"""

import os
import sys

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from intuitlib.client import AuthClient  # noqa: E402
from quickbooks import QuickBooks  # noqa: E402
from quickbooks.objects.customer import Customer  # noqa: E402

from measure import measure  # noqa: E402

PAGE = 1000


def connect(port):
    QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = f"http://127.0.0.1:{port}/v3"
    auth = AuthClient.__new__(AuthClient)  # The constructor fetches Intuit's discovery document.
    auth.client_id, auth.client_secret, auth.environment = "id", "secret", "sandbox"
    auth.access_token, auth.refresh_token, auth.token_endpoint = "bench", "unused", ""
    client = QuickBooks.__new__(QuickBooks)
    client.auth_client, client.company_id, client.sandbox, client.minorversion = auth, "1", True, 75
    client._start_session()
    client.session.trust_env = False
    return client


def query(client):
    found = start = 0
    while True:
        customers = Customer.filter(start_position=start + 1, max_results=PAGE, qb=client)
        found += sum(1 for customer in customers if customer.Id)
        start += len(customers)
        if len(customers) < PAGE:
            return found


if __name__ == "__main__":
    client = connect(sys.argv[1])
    measure("python-quickbooks", "query", int((sys.argv[2:] or ["100000"])[0]), lambda: query(client))
