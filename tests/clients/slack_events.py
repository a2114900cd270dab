"""Events, commands and interactions over HTTP with slack_bolt, at a server of its own."""

import json
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slack_bolt import App
from slack_bolt.request import BoltRequest

from slack_api import client
from steps import equal, step


def deliver(world, **order):
    request = urllib.request.Request(
        world.facts.base_url + "/_sandbox/deliver", data=json.dumps(order).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def eventually(check, what):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


def serve(world, app):
    """Serves the app on loopback, as any HTTP adapter does, and notes what came."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): [value] for name, value in self.headers.items()}
            world.arrived.append((headers, body))
            if world.failures:
                self.send_response(world.failures.pop(0))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            reply = app.dispatch(BoltRequest(body=body, headers=headers, mode="http"))
            answer = (reply.body or "").encode()
            self.send_response(reply.status)
            for name, values in reply.headers.items():
                for value in values:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/slack/events"


def build(world):
    """The app of these steps and of those over sockets."""
    facts = world.facts
    app = App(client=client(facts), signing_secret=facts.signing_secret)
    world.seen = []

    @app.event("app_mention")
    def _(event, body):
        world.seen.append(("app_mention", body["event_id"], event["text"]))

    @app.event("message")
    def _(event):
        world.seen.append(("message", event.get("subtype"), event.get("text")))

    @app.event("reaction_added")
    def _(event):
        world.seen.append(("reaction_added", event["reaction"], event["item"]["ts"]))

    @app.command("/deploy")
    def _(ack, command, respond, client):
        ack(f"deploying {command['text']}")
        respond(text="done", response_type="in_channel")
        view = {
            "type": "modal",
            "callback_id": "why",
            "title": {"type": "plain_text", "text": "Why"},
            "submit": {"type": "plain_text", "text": "Send"},
            "blocks": [
                {
                    "type": "input",
                    "block_id": "reason",
                    "label": {"type": "plain_text", "text": "Reason"},
                    "element": {"type": "plain_text_input", "action_id": "text"},
                }
            ],
        }
        world.view = client.views_open(trigger_id=command["trigger_id"], view=view)["view"]

    @app.action("approve")
    def _(ack, action, body, respond):
        ack()
        world.seen.append(("approve", action["value"], body["user"]["id"]))
        respond(text="approved", replace_original=True)

    @app.view("why")
    def _(ack, view):
        text = view["state"]["values"]["reason"]["text"]["value"]
        if not text or len(text) < 3:
            ack(response_action="errors", errors={"reason": "say more"})
        else:
            ack()
            world.seen.append(("why", text))

    @app.shortcut("make")
    def _(ack, shortcut):
        ack()
        world.seen.append(("make", shortcut["trigger_id"]))

    return app


def button(world):
    """Posts a message with a button; answers where it is."""
    blocks = [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "approve",
                    "value": "v1",
                    "text": {"type": "plain_text", "text": "Approve"},
                }
            ],
        }
    ]
    posted = world.api.chat_postMessage(channel=world.channels["approvals"], text="decide", blocks=blocks)
    return posted["channel"], posted["ts"]


def text_of(world, channel, ts):
    return world.api.conversations_replies(channel=channel, ts=ts)["messages"][0]["text"]


def interactions(world, url=None):
    """A command with a modal, a click, a submission and a shortcut, over HTTP or the sockets."""
    where = {"url": url} if url else {}
    answered = deliver(world, kind="command", command="/deploy", text="billing", **where)
    assert answered["ok"], answered
    assert "deploying billing" in json.dumps(answered["body"]), answered
    said = eventually(lambda: [m for m in world.api.conversations_history(channel=world.channels["ops"], limit=3)["messages"] if m["text"] == "done"], "the answer in the channel")
    equal(said[0]["bot_profile"]["app_id"], world.facts.app_id, "who answered")
    eventually(lambda: getattr(world, "view", None), "the modal")
    short = deliver(world, kind="view_submission", view_id=world.view["id"], values={"reason": {"text": "x"}}, **where)
    equal(short["body"]["response_action"], "errors", "answer to a short reason")
    full = deliver(world, kind="view_submission", callback_id="why", values={"text": "because"}, **where)
    assert full["ok"] and full["view"] is None, full
    assert ("why", "because") in world.seen
    channel, ts = button(world)
    assert deliver(world, kind="action", channel=channel, ts=ts, action_id="approve", **where)["ok"]
    assert ("approve", "v1", world.facts.user_id) in world.seen
    eventually(lambda: text_of(world, channel, ts) == "approved", "the message's replacement")
    assert deliver(world, kind="shortcut", callback_id="make", **where)["ok"]
    assert any(one[0] == "make" for one in world.seen)
    del world.view


@step("verifies the URL and signs what it sends")
def _(world):
    world.arrived, world.failures = [], []
    world.app = build(world)
    world.url = serve(world, world.app)
    equal(deliver(world, kind="url_verification", url=world.url)["ok"], True, "challenge")
    equal(deliver(world, kind="event", url=world.url)["status"], 200, "a good signature")
    for wrong in [{"bad_signature": True}, {"timestamp_offset": -400}, {"timestamp_offset": 400}]:
        equal(deliver(world, kind="event", url=world.url, **wrong)["status"], 401, f"{wrong}")


@step("sends what happens: messages, mentions, reactions")
def _(world):
    world.seen.clear()
    person = client(world.facts, world.facts.user_token)
    posted = person.chat_postMessage(channel=world.channels["ops"], text=f"<@{world.facts.bot_user_id}> hello")
    eventually(lambda: {"app_mention", "message"} <= {kind for kind, *_ in world.seen}, "mention and message")
    person.reactions_add(channel=posted["channel"], timestamp=posted["ts"], name="tada")
    eventually(lambda: ("reaction_added", "tada", posted["ts"]) in world.seen, "reaction")


@step("sends again what was not taken, with the number and the reason")
def _(world):
    world.arrived.clear()
    world.failures[:] = [500]
    failed = deliver(world, kind="event", url=world.url, text="<@U1> again")
    equal((failed["ok"], failed["error"]), (False, "http_error"), "first attempt")
    again = eventually(lambda: [one for one in world.arrived if failed["event_id"] in one[1]][1:], "the second attempt")
    equal(again[0][0]["x-slack-retry-num"], ["1"], "number")
    equal(again[0][0]["x-slack-retry-reason"], ["http_error"], "reason")


@step("runs a command, a modal, a click and a shortcut over HTTP")
def _(world):
    interactions(world, world.url)
