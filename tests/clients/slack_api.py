"""The Web API with slack_sdk: messages, lists page by page, uploads, and what goes wrong."""

import time
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from steps import equal, step


def client(facts, token=None, patient=True):
    made = WebClient(token=token or facts.bot_token, base_url=facts.base_url + "/api/")
    if patient:
        made.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=5))
    return made


def refused(code, call):
    """Runs `call`, which has to raise SlackApiError with this code; returns the response."""
    try:
        found = call()
    except SlackApiError as error:
        equal(error.response["error"], code, "error")
        return error.response
    raise AssertionError(f"expected {code}, got {found!r:.600}")


@step("knows whose token it is")
def _(world):
    facts = world.facts
    world.api = client(facts)
    answer = world.api.auth_test()
    equal(answer["team_id"], facts.team_id, "team")
    equal(answer["user_id"], facts.bot_user_id, "user")
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    equal(client(facts, facts.user_token).auth_test()["user_id"], facts.user_id, "user of the user token")
    refused("invalid_auth", lambda: client(facts, "xoxb-wrong").auth_test())
    refused("not_allowed_token_type", lambda: client(facts, facts.app_token).auth_test())


@step("finds the channels, page by page")
def _(world):
    world.channels = {}
    for page in world.api.conversations_list(limit=50, types="public_channel,private_channel"):
        world.channels |= {channel["name"]: channel["id"] for channel in page["channels"]}
    assert len(world.channels) > 100, f"only {len(world.channels)} channels"
    assert "leadership" not in world.channels, "a private channel of others was shown"


@step("reads every member once, though pages are short and limited")
def _(world):
    ids, sizes = [], []
    for page in world.api.users_list(limit=500):
        sizes.append(len(page["members"]))
        ids += [member["id"] for member in page["members"]]
    equal(len(ids), 4500, "members")
    equal(len(set(ids)), 4500, "different members")
    assert any(size < 500 for size in sizes[:-1]), f"no page was short: {sizes}"
    refused("invalid_cursor", lambda: world.api.users_list(limit=5, cursor="bm8="))


@step("posts, threads, edits, reacts and deletes")
def _(world):
    api, ops = world.api, world.channels["ops"]
    root = api.chat_postMessage(channel=ops, text="1 < 2 & 3")
    equal(root["message"]["text"], "1 &lt; 2 &amp; 3", "text")
    for text in ["one", "two"]:
        api.chat_postMessage(channel=ops, thread_ts=root["ts"], text=text)
    replies = api.conversations_replies(channel=ops, ts=root["ts"])
    equal([message["text"] for message in replies["messages"]], ["1 &lt; 2 &amp; 3", "one", "two"], "thread")
    equal(replies["messages"][0]["reply_count"], 2, "reply count")
    changed = api.chat_update(channel=ops, ts=root["ts"], text="changed")
    equal(changed["message"]["text"], "changed", "text after the update")
    api.reactions_add(channel=ops, timestamp=root["ts"], name="eyes")
    refused("already_reacted", lambda: api.reactions_add(channel=ops, timestamp=root["ts"], name="eyes"))
    shown = api.reactions_get(channel=ops, timestamp=root["ts"])
    equal(shown["message"]["reactions"][0]["users"], [world.facts.bot_user_id], "who reacted")
    api.chat_delete(channel=ops, ts=replies["messages"][2]["ts"])
    refused("message_not_found", lambda: api.chat_delete(channel=ops, ts=replies["messages"][2]["ts"]))


@step("keeps blocks and metadata, and refuses bad blocks with the place")
def _(world):
    api, ops = world.api, world.channels["ops"]
    metadata = {"event_type": "task", "event_payload": {"id": "1", "nested": {"a": [1, 2]}}}
    blocks = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "*hi*"}}]
    posted = api.chat_postMessage(channel=ops, text="hi", blocks=blocks, metadata=metadata)
    history = api.conversations_history(channel=ops, limit=1, include_all_metadata=True)
    equal(history["messages"][0]["ts"], posted["ts"], "newest message")
    equal(history["messages"][0]["metadata"], metadata, "metadata")
    equal(history["messages"][0]["blocks"], blocks, "blocks")
    blocks[0]["text"]["text"] = "x" * 3001
    wrong = refused("invalid_blocks", lambda: api.chat_postMessage(channel=ops, text="hi", blocks=blocks))
    place = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    equal(wrong["response_metadata"]["messages"], ["[ERROR] " + place], "messages")


@step("says which scope is missing")
def _(world):
    wrong = refused("missing_scope", lambda: world.api.usergroups_create(name="New"))
    equal(wrong["needed"], "usergroups:write", "needed")
    assert "usergroups:read" in wrong["provided"].split(",")
    handles = [group["handle"] for group in world.api.usergroups_list()["usergroups"]]
    assert "oncall" in handles


@step("creates a channel, invites, sets the topic, leaves")
def _(world):
    api = world.api
    made = api.conversations_create(name="launch-plan")["channel"]
    api.conversations_invite(channel=made["id"], users=[world.facts.user_id])
    api.conversations_setTopic(channel=made["id"], topic="Soon")
    equal(api.conversations_info(channel=made["id"])["channel"]["topic"]["value"], "Soon", "topic")
    members = api.conversations_members(channel=made["id"])["members"]
    equal(sorted(members), sorted([world.facts.user_id, world.facts.bot_user_id]), "members")
    refused("name_taken", lambda: api.conversations_create(name="launch-plan"))
    api.conversations_leave(channel=made["id"])
    refused("not_in_channel", lambda: api.chat_postMessage(channel=made["id"], text="hi"))


@step("finds a member by address and writes to it directly")
def _(world):
    api = world.api
    found = api.users_lookupByEmail(email="ada@meridian-works.example")["user"]
    equal(found["id"], world.facts.user_id, "id")
    direct = api.conversations_open(users=[found["id"]])["channel"]["id"]
    assert direct.startswith("D")
    equal(api.chat_postMessage(channel=found["id"], text="hello")["channel"], direct, "channel")
    refused("users_not_found", lambda: api.users_lookupByEmail(email="nobody@example.com"))


@step("uploads a file, which is shared a little later, and downloads it")
def _(world):
    api, ops, content = world.api, world.channels["ops"], "line 1\nline 2 é\n"
    answer = api.files_upload_v2(content=content, filename="notes.txt", title="Notes", channel=ops, initial_comment="see")
    file = answer["file"]
    equal(file["title"], "Notes", "title")
    for _ in range(50):
        shares = api.files_info(file=file["id"])["file"]["shares"]
        if shares:
            break
        time.sleep(0.1)
    equal(len(shares["public"][ops]), 1, "shares")
    message = api.conversations_history(channel=ops, limit=1)["messages"][0]
    equal((message["text"], message["files"][0]["id"]), ("see", file["id"]), "message of the share")
    request = urllib.request.Request(file["url_private_download"], headers={"Authorization": f"Bearer {world.facts.bot_token}"})
    with urllib.request.urlopen(request) as reply:
        equal(reply.read().decode(), content, "content")
    api.files_delete(file=file["id"])
    refused("file_not_found", lambda: api.files_info(file=file["id"]))


@step("schedules and takes back")
def _(world):
    api, ops = world.api, world.channels["ops"]
    kept = api.chat_scheduleMessage(channel=ops, text="later", post_at=int(time.time()) + 600)
    listed = api.chat_scheduledMessages_list(channel=ops)["scheduled_messages"]
    equal([one["id"] for one in listed], [kept["scheduled_message_id"]], "scheduled")
    api.chat_deleteScheduledMessage(channel=ops, scheduled_message_id=kept["scheduled_message_id"])
    equal(api.chat_scheduledMessages_list(channel=ops)["scheduled_messages"], [], "scheduled after the delete")
    refused("time_in_past", lambda: api.chat_scheduleMessage(channel=ops, text="x", post_at=1))


@step("is limited by channel, with the time to wait")
def _(world):
    hasty, random = client(world.facts, patient=False), world.channels["random"]
    answers = []
    for number in range(12):
        try:
            answers.append(hasty.chat_postMessage(channel=random, text=f"burst {number}").status_code)
        except SlackApiError as error:
            equal(error.response["error"], "ratelimited", "error")
            answers.append(error.response.status_code)
            assert int(error.response.headers["Retry-After"]) >= 1
    assert 429 in answers, f"never limited: {answers}"
    time.sleep(1.1)
    equal(world.api.chat_postMessage(channel=random, text="in time")["ok"], True, "after the wait")
