"""Limits, rotation, expiry and the end of a connection."""

import requests
from intuitlib.exceptions import AuthClientError
from quickbooks.exceptions import AuthorizationException, QuickbooksException
from quickbooks.objects import Customer

from qb_login import auth_client, refused as oauth_refused
from qb_records import refused
from qb_webhooks import control
from steps import equal, step


@step("is throttled above the limit, in XML whatever is accepted")
def _(world):
    control(world, "limits", per_minute=0)
    reply = world.qb.session.get(
        f"{world.qb.api_url}/company/{world.facts.realm_id}/query?query=select * from Item",
        headers={"Accept": "application/json"},
    )
    equal((reply.status_code, reply.headers["content-type"]), (429, "application/xml"))
    assert "errorCode=003001" in reply.text, reply.text
    assert reply.headers["intuit_tid"].startswith("1-"), reply.headers
    refused(lambda: Customer.all(qb=world.qb), QuickbooksException, 10000)
    control(world, "limits", per_minute=None)


@step("meets an expired access token, and goes on after a refresh")
def _(world):
    qb = world.qb
    control(world, "clock", advance_seconds=3600)
    error = refused(lambda: Customer.all(qb=qb), AuthorizationException, 401)
    assert "Token expired" in error.detail, error.detail
    qb.auth_client.refresh()
    qb.session.access_token = qb.auth_client.access_token
    equal(len(Customer.all(max_results=1, qb=qb)), 1)


@step("gets another refresh token after a day, and may use the old one for a day more")
def _(world):
    facts = world.facts
    client, old = world.qb.auth_client, world.qb.auth_client.refresh_token
    control(world, "clock", advance_seconds=25 * 3600)
    client.refresh()
    assert client.refresh_token != old, "the refresh token was not replaced"
    late = auth_client(facts, refresh_token=old)
    late.refresh()
    equal(late.refresh_token, client.refresh_token)
    control(world, "clock", advance_seconds=25 * 3600)
    oauth_refused(auth_client(facts, refresh_token=old).refresh, 400, "invalid_grant")
    client.refresh()
    world.qb.session.access_token = client.access_token


@step("revokes the connection, and is refused from then on")
def _(world):
    client = world.qb.auth_client
    equal(client.revoke(token=client.refresh_token), True)
    refused(lambda: Customer.all(qb=world.qb), AuthorizationException, 401)
    oauth_refused(client.refresh, 400, "invalid_grant")
    try:
        client.revoke(token="unknown")
    except AuthClientError as problem:
        equal(problem.status_code, 400)
    else:
        raise AssertionError("an unknown token was revoked")


@step("took no request that the log does not show")
def _(world):
    counts = requests.get(world.facts.base_url + "/_sandbox/log", timeout=30).json()["counts"]
    for route in ("POST query", "POST batch", "GET cdc", "GET invoice/pdf", "POST invoice/send", "POST tokens/revoke"):
        assert counts.get(route), f"no {route} in {counts}"
