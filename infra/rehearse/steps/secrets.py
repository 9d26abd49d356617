"""A secret's life in the deployed functions, with moto's DynamoDB and KMS behind them."""

import json
import re

from invoke import invoke
from rehearsal import ROOT, STACK

WORKSPACE = "ws_rehearsal"


class Client:
    """Calls functions with the project's sample events, as the gateway would."""

    def __init__(self, r, token):
        self.r, self.token = r, token
        self.known = {"token": token, "origin": r.account.shown_key()}

    def call(self, operation, **changed):
        """The response of an operation: its status and its body."""
        event = (ROOT / f"events/{operation}.json").read_text()
        for name, value in self.known.items():
            event = event.replace("{{" + name + "}}", value)
        event = json.loads(event)
        event.get("pathParameters", {}).update(changed)
        response, log = invoke(self.r.account, _logical(operation), event)
        if not response or response.get("statusCode", 500) >= 500:
            return 0, {"response": response, "log": log}
        return response["statusCode"], json.loads(response.get("body") or "{}")


def _logical(operation):
    return "".join(word.capitalize() for word in operation.split("-")) + "Function"


def a_life(r):
    """A secret's life in the deployed functions."""
    _, said = r.run(["make", "-s", "token"], STACK=STACK, WORKSPACE=WORKSPACE)
    token = re.search(r"^sk_akua_\S+", said, re.MULTILINE).group()
    client = Client(r, token)
    status, body = client.call("create-secret")
    r.check("create-secret takes the token, and seals a value under moto's KMS", status == 201, body)
    client.known.update(secret=body["id"], etag=body["etag"])
    stored = str(r.account.rows("SecretsTableName"))
    r.check("the value is nowhere in the table", "a sample, not a secret" not in stored)
    _, body = client.call("list-secret-versions")
    version = body["data"][0]["id"]
    # Not latest: moto's local indexes do not fetch what they do not project, which DynamoDB does if it is asked to.
    status, body = client.call("access-secret-version", vid=version)
    r.check("access-secret-version opens it", (status, body.get("value")) == (200, "a sample, not a secret"), body)
    client.known["origin"] = "0" * 52
    r.check("with another origin key, nobody gets an answer", client.call("access-secret-version", vid=version)[0] == 403)
    client.known["origin"] = r.account.shown_key()
    status, body = client.call("delete-secret")
    r.check("delete-secret deletes it", status == 204, body)
    status, body = client.call("get-secret")
    client.known["etag"] = body.get("etag", "")
    status, body = client.call("undelete-secret")
    r.check("undelete-secret restores it", (status, body.get("state")) == (200, "active"), body)
    response, log = invoke(r.account, "RecordChangesFunction", {"Records": r.account.stream()})
    r.check("record-changes takes moto's stream of the table", response == {"batchItemFailures": None}, f"{response}\n{log}")
    code, said = r.run(["make", "-s", "audit"], STACK=STACK, SECRET=client.known["secret"], WORKSPACE=WORKSPACE)
    verbs = re.findall(r"^\S+ \S+  (\S+)", said, re.MULTILINE)
    r.check("make audit prints its trail: made, read, deleted, restored", code == 0 and verbs == [
        "create-secret", "access-secret-version", "delete-secret", "undelete-secret"], said)
