"""Webhooks: what the sandbox delivers, verified by python-quickbooks, and what it does when nobody answers."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests

from qb_records import invoice
from steps import equal, step


class Receiver:
    """An application's webhook address. It answers with the statuses given, then with 200."""

    def __init__(self, *statuses):
        self.seen, statuses = [], list(statuses)
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(statuses.pop(0) if statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()
                seen.append((self.headers["intuit-signature"], body.decode()))

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait(self, count):
        deadline = time.monotonic() + 20
        while len(self.seen) < count:
            assert time.monotonic() < deadline, f"{len(self.seen)} of {count} deliveries came"
            time.sleep(0.02)
        return self.seen


def control(world, what, **body):
    reply = requests.post(f"{world.facts.base_url}/_sandbox/{what}", json=body, timeout=30)
    equal(reply.status_code, 200, reply.text)


@step("delivers classic webhooks with a signature that verifies")
def _(world):
    receiver = Receiver()
    control(world, "deliver", kind="classic", url=receiver.url)
    made = invoice(world, 9).save(qb=world.qb)
    signature, body = receiver.wait(1)[0]
    verifier = world.facts.webhook_verifier
    assert world.qb.validate_webhook_signature(body, signature, verifier), "the signature does not verify"
    assert not world.qb.validate_webhook_signature(body + " ", signature, verifier), "a forged body verifies"
    notice = json.loads(body)["eventNotifications"][0]
    equal(notice["realmId"], world.facts.realm_id)
    (entity,) = notice["dataChangeEvent"]["entities"]
    equal((entity["name"], entity["id"], entity["operation"]), ("Invoice", made.Id, "Create"))
    receiver.server.shutdown()
    world.made = made


@step("delivers CloudEvents, again after each time it is not acknowledged")
def _(world):
    receiver = Receiver(500, 503)
    control(world, "deliver", kind="cloudevents", url=receiver.url)
    world.made.void(qb=world.qb)
    for seconds, count in ((10, 1), (20, 2)):
        receiver.wait(count)
        # The try after this one is due on the sandbox's clock, once the sandbox has seen the answer.
        while len(receiver.seen) == count:
            control(world, "clock", advance_seconds=seconds)
            time.sleep(0.05)
    bodies = {body for _, body in receiver.wait(3)}
    equal(len(bodies), 1, "different bodies of one delivery")
    (event,) = json.loads(bodies.pop())
    equal((event["type"], event["intuitentityid"]), ("qbo.invoice.voided.v1", world.made.Id))
    equal((event["specversion"], event["intuitaccountid"]), ("1.0", world.facts.realm_id))
    receiver.server.shutdown()
