"""Logging in: the four ways simple-salesforce has, a session of one's own, and what goes wrong.

simple-salesforce speaks https only. These steps mount an adapter that carries its https requests to the sandbox's plain listener; the
direct login rewrites nothing and uses the TLS listener with the sandbox's own CA.
"""

from urllib.parse import urlsplit, urlunsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from steps import equal, raises, step


class Loopback(HTTPAdapter):
    """Sends what is meant for a Salesforce host to the sandbox instead."""

    def __init__(self, base_url):
        super().__init__()
        self.base = urlsplit(base_url)

    def send(self, request, **options):
        meant = urlsplit(request.url)
        request.url = urlunsplit((self.base.scheme, self.base.netloc, meant.path, meant.query, ""))
        return super().send(request, **options)


def loopback_session(facts):
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Loopback(facts.base_url))
    return session


def works(client, facts):
    """The session reads, and belongs to the org and the user that the facts name."""
    equal(len(client.query("SELECT Id FROM Account LIMIT 3")["records"]), 3, "records")
    info = client.oauth2("userinfo")
    equal(info["organization_id"], facts.org_id, "organization")
    equal(info["preferred_username"], facts.username, "user")


def soap(facts):
    return Salesforce(
        username=facts.username,
        password=facts.password,
        security_token=facts.security_token,
        version=facts.api_version,
        session=loopback_session(facts),
    )


@step("logs in with user, password and security token (SOAP)")
def _(world):
    world.sf = soap(world.facts)
    equal(world.sf.auth_type, "password")
    works(world.sf, world.facts)


@step("logs in with user and password over OAuth")
def _(world):
    facts = world.facts
    client = Salesforce(
        username=facts.username,
        password=facts.password + facts.security_token,
        consumer_key=facts.client_id,
        consumer_secret=facts.client_secret,
        version=facts.api_version,
        session=loopback_session(facts),
    )
    works(client, facts)


@step("logs in with a signed assertion (JWT bearer)")
def _(world):
    facts = world.facts
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    client = Salesforce(
        username=facts.username,
        consumer_key=facts.client_id,
        privatekey=pem.decode(),
        version=facts.api_version,
        session=loopback_session(facts),
    )
    equal(client.auth_type, "jwt-bearer")
    works(client, facts)


@step("logs in with client credentials")
def _(world):
    facts = world.facts
    client = Salesforce(
        consumer_key=facts.client_id,
        consumer_secret=facts.client_secret,
        domain="acme.my",
        version=facts.api_version,
        session=loopback_session(facts),
    )
    equal(client.auth_type, "client-credentials")
    works(client, facts)


@step("uses a session id over TLS, trusting the sandbox's CA")
def _(world):
    facts = world.facts
    session = requests.Session()
    session.trust_env = False
    session.verify = facts.ca_pem
    client = Salesforce(
        session_id=facts.access_token,
        instance_url=facts.tls_base_url,
        version=facts.api_version,
        session=session,
    )
    equal(client.auth_type, "direct")
    works(client, facts)


@step("does not trust the sandbox's certificate without its CA")
def _(world):
    facts = world.facts
    session = requests.Session()
    session.trust_env = False
    client = Salesforce(session_id=facts.access_token, instance_url=facts.tls_base_url, session=session)
    try:
        client.limits()
    except requests.exceptions.SSLError:
        return
    raise AssertionError("a certificate of an unknown CA was trusted")


@step("refuses a wrong password (SOAP)")
def _(world):
    facts = world.facts
    error = raises(
        SalesforceAuthenticationFailed,
        lambda: Salesforce(
            username=facts.username,
            password="wrong",
            security_token=facts.security_token,
            session=loopback_session(facts),
        ),
    )
    equal(error.code, "INVALID_LOGIN", "code")


@step("refuses a wrong secret, an unknown client and a wrong password (OAuth)")
def _(world):
    facts = world.facts

    def login(**changes):
        given = {"username": facts.username, "password": facts.password + facts.security_token}
        given |= {"consumer_key": facts.client_id, "consumer_secret": facts.client_secret}
        return lambda: Salesforce(**(given | changes), session=loopback_session(facts))

    for changes, code in [
        ({"consumer_secret": "wrong"}, "invalid_client"),
        ({"consumer_key": "wrong"}, "invalid_client_id"),
        ({"password": "wrong"}, "invalid_grant"),
    ]:
        equal(raises(SalesforceAuthenticationFailed, login(**changes)).code, code, f"code for {changes}")


@step("reports an invalid session, and logs in again where it can")
def _(world):
    facts = world.facts
    direct = Salesforce(
        session_id="00Dxx0000000000!invalid",
        instance_url=facts.base_url,
        version=facts.api_version,
        session=loopback_session(facts),
    )
    raises(SalesforceExpiredSession, direct.limits, 401, "INVALID_SESSION_ID")

    again = soap(facts)
    again.session_id = "00Dxx0000000000!invalid"
    again._generate_headers()
    works(again, facts)
    assert again.session_id != "00Dxx0000000000!invalid", "the session was not replaced"
