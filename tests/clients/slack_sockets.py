"""Socket Mode with slack_bolt: the same app, over WebSockets."""

from slack_bolt.adapter.socket_mode import SocketModeHandler

from slack_api import client
from slack_events import build, deliver, eventually, interactions
from steps import equal, step


@step("connects and gets events")
def _(world):
    facts = world.facts
    world.seen = []
    app = build(world)
    # The client takes a cut connection for a live one until four of its pings went unanswered.
    web = client(facts, facts.app_token)
    world.handler = SocketModeHandler(app, facts.app_token, web_client=web, ping_interval=1)
    world.handler.connect()
    eventually(world.handler.client.is_connected, "connection")
    person = client(facts, facts.user_token)
    person.chat_postMessage(channel=world.channels["ops"], text=f"<@{facts.bot_user_id}> by socket")
    eventually(lambda: {"app_mention", "message"} <= {kind for kind, *_ in world.seen}, "mention and message")


@step("runs a command, a modal, a click and a shortcut over the socket")
def _(world):
    interactions(world)


@step("comes back after every reason to disconnect, and loses nothing")
def _(world):
    for reason in ["warning", "refresh_requested", "too_many_websockets", "link_disabled"]:
        before = world.handler.client.session_id()
        equal(deliver(world, kind="disconnect", reason=reason)["sockets"], 1, reason)
        sent = deliver(world, kind="event", text=f"<@{world.facts.bot_user_id}> {reason}")
        eventually(lambda: any(one[:2] == ("app_mention", sent["event_id"]) for one in world.seen), f"event after {reason}")
        eventually(lambda: world.handler.client.session_id() != before, f"new session after {reason}")


@step("comes back after the connection was cut")
def _(world):
    before = world.handler.client.session_id()
    deliver(world, kind="reset")
    eventually(lambda: world.handler.client.session_id() != before and world.handler.client.is_connected(), "new session")
    sent = deliver(world, kind="event", text=f"<@{world.facts.bot_user_id}> after the cut")
    eventually(lambda: any(one[:2] == ("app_mention", sent["event_id"]) for one in world.seen), "event after the cut")
    world.handler.close()
