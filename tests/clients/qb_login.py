"""Logging in with intuit-oauth: discovery, the authorization code, refresh, who the user is, and what goes wrong."""

from urllib.parse import parse_qs, urlsplit

import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks

from steps import equal, step


def auth_client(facts, **changes):
    """A client that reads the sandbox's discovery document; a URL stands for an environment."""
    given = {
        "client_id": facts.client_id,
        "client_secret": facts.client_secret,
        "redirect_uri": facts.redirect_uri,
        "environment": facts.base_url + "/.well-known/openid_sandbox_configuration/",
    }
    return AuthClient(**(given | changes))


def refused(call, status, error):
    """Runs a call that OAuth has to refuse."""
    try:
        call()
    except AuthClientError as problem:
        equal(problem.status_code, status, "status")
        assert error in str(problem.content), f"{error} is not in {problem.content!r}"
        return
    raise AssertionError("the call was not refused")


@step("reads the discovery document")
def _(world):
    facts = world.facts
    QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = facts.base_url + "/v3"
    client = auth_client(facts)
    for endpoint in (client.auth_endpoint, client.token_endpoint, client.revoke_endpoint, client.jwks_uri):
        assert endpoint.startswith(facts.base_url), endpoint
    equal(client.issuer_uri, "https://oauth.platform.intuit.com/op/v1", "issuer")


def allowed(client, **more):
    """What the authorize page sends back to the application, for a person who has decided."""
    url = client.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.PROFILE, Scopes.EMAIL], "my state")
    reply = requests.get(url, params=more, allow_redirects=False, timeout=30)
    equal(reply.status_code, 302, "status")
    assert reply.headers["location"].startswith(client.redirect_uri), reply.headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


@step("exchanges an authorization code, and verifies the id token")
def _(world):
    facts = world.facts
    client = auth_client(facts)
    back = allowed(client)
    equal((back["state"], back["realmId"]), ("my state", facts.realm_id))
    client.get_bearer_token(back["code"], realm_id=back["realmId"])
    equal(client.expires_in, 3600, "life of the access token")
    equal(client.x_refresh_token_expires_in, 8726400, "life of the refresh token")
    assert client.id_token, "the id token did not verify"
    user = client.get_user_info().json()
    equal((user["email"], user["emailVerified"]), ("ada.byron@example.com", True))
    assert "phoneNumber" not in user, "a scope that was not asked for was granted"
    refused(lambda: client.get_bearer_token(back["code"]), 400, "invalid_grant")


@step("is told that the person refused")
def _(world):
    equal(allowed(auth_client(world.facts), deny="1")["error"], "access_denied")


@step("refreshes, and gets the same refresh token within a day")
def _(world):
    facts = world.facts
    client = auth_client(facts, refresh_token=facts.refresh_token)
    client.refresh()
    equal(client.refresh_token, facts.refresh_token)
    world.qb = QuickBooks(
        auth_client=client, refresh_token=client.refresh_token, company_id=facts.realm_id, minorversion=75
    )
    equal(world.qb.query("select count(*) from Customer")["QueryResponse"]["totalCount"] > 0, True)


@step("refuses a wrong secret, an unknown refresh token and an unknown code")
def _(world):
    facts = world.facts
    wrong = auth_client(facts, client_secret="wrong", refresh_token=facts.refresh_token)
    refused(wrong.refresh, 401, "invalid_client")
    unknown = auth_client(facts, refresh_token="AB1unknown")
    refused(unknown.refresh, 400, "Incorrect or invalid refresh token")
    refused(lambda: auth_client(facts).get_bearer_token("unknown"), 400, "invalid_grant")
