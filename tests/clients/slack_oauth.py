"""OAuth with slack_bolt's own flow and slack_sdk's token rotation."""

import tempfile
import urllib.parse
import urllib.request

from slack_bolt import App
from slack_bolt.oauth.oauth_flow import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation import TokenRotator

from slack_api import refused
from steps import equal, step

SCOPES = ["chat:write", "users:read", "channels:read"]


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, so that its address can be read."""

    def redirect_request(self, *_):
        return None


def location(url):
    try:
        urllib.request.build_opener(Stay).open(url)
    except urllib.error.HTTPError as error:
        equal(error.code, 302, "status")
        return error.headers["location"]
    raise AssertionError("no redirect")


@step("installs with bolt's flow: authorize, callback, rotating tokens stored")
def _(world):
    facts, home = world.facts, tempfile.mkdtemp()
    world.installations = FileInstallationStore(base_dir=home, client_id=facts.client_id)
    settings = OAuthSettings(
        client_id=facts.client_id,
        client_secret=facts.client_secret,
        scopes=SCOPES,
        user_scopes=["users:read"],
        redirect_uri="http://127.0.0.1:9/slack/oauth_redirect",
        authorization_url=facts.base_url + "/oauth/v2/authorize",
        installation_store=world.installations,
        state_store=FileOAuthStateStore(expiration_seconds=300, base_dir=home),
        install_page_rendering_enabled=False,
    )
    world.plain = WebClient(base_url=facts.base_url + "/api/")
    app = App(
        signing_secret=facts.signing_secret,
        client=world.plain,
        oauth_flow=OAuthFlow(client=world.plain, settings=settings),
    )
    begun = app.oauth_flow.handle_installation(BoltRequest(body="", mode="http"))
    equal(begun.status, 302, "install")
    cookie = begun.headers["set-cookie"][0].split(";")[0]
    back = urllib.parse.urlsplit(location(begun.headers["location"][0]))
    callback = BoltRequest(body="", query=back.query, headers={"cookie": [cookie]}, mode="http")
    equal(app.oauth_flow.handle_callback(callback).status, 200, "callback")
    kept = world.installations.find_installation(enterprise_id=None, team_id=facts.team_id)
    assert kept.bot_token.startswith("xoxe.xoxb-"), "the token does not rotate"
    equal(kept.bot_user_id, facts.bot_user_id, "bot")
    equal(kept.user_id, facts.user_id, "installer")
    assert kept.user_token.startswith("xoxe.xoxp-"), "there is no user token"
    world.kept = kept
    equal(WebClient(token=kept.bot_token, base_url=facts.base_url + "/api/").auth_test()["user_id"], facts.bot_user_id, "bot")


@step("refreshes with the rotator, and a used refresh token is refused")
def _(world):
    facts, before = world.facts, world.kept
    rotator = TokenRotator(client=world.plain, client_id=facts.client_id, client_secret=facts.client_secret)
    after = rotator.perform_token_rotation(installation=before, minutes_before_expiration=60 * 24)
    assert after.bot_token != before.bot_token and after.bot_refresh_token != before.bot_refresh_token
    assert after.user_token != before.user_token, "the user token did not rotate"
    equal(WebClient(token=after.bot_token, base_url=facts.base_url + "/api/").auth_test()["ok"], True, "new token")
    again = {"client_id": facts.client_id, "client_secret": facts.client_secret, "grant_type": "refresh_token"}
    refused("invalid_refresh_token", lambda: world.plain.oauth_v2_access(**again, refresh_token=before.bot_refresh_token))
    world.kept = after


@step("refuses a wrong client, secret, code and redirect")
def _(world):
    facts = world.facts
    good = {"client_id": facts.client_id, "client_secret": facts.client_secret, "code": "nope"}
    for changes, code in [
        ({}, "invalid_code"),
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
    ]:
        refused(code, lambda: world.plain.oauth_v2_access(**(good | changes)))
    query = {"client_id": facts.client_id, "scope": "chat:write", "state": "s", "redirect_uri": "http://127.0.0.1:9/cb"}
    back = urllib.parse.urlsplit(location(f"{facts.base_url}/oauth/v2/authorize?{urllib.parse.urlencode(query)}"))
    code = urllib.parse.parse_qs(back.query)["code"][0]
    refused("bad_redirect_uri", lambda: world.plain.oauth_v2_access(**(good | {"code": code}), redirect_uri="http://127.0.0.1:9/other"))
    installed = world.plain.oauth_v2_access(**(good | {"code": code}), redirect_uri="http://127.0.0.1:9/cb")
    equal(installed["token_type"], "bot", "kind")
    equal(installed["expires_in"], 43200, "life")
    denied = urllib.parse.urlsplit(location(f"{facts.base_url}/oauth/v2/authorize?{urllib.parse.urlencode(query)}&deny=1"))
    equal(urllib.parse.parse_qs(denied.query)["error"], ["access_denied"], "denial")


@step("ends tokens by time and by revocation")
def _(world):
    api = WebClient(token=world.kept.bot_token, base_url=world.facts.base_url + "/api/")
    equal(api.auth_revoke()["revoked"], True, "revoked")
    refused("token_revoked", api.auth_test)
