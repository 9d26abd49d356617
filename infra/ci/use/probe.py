"""The Lambda handler of infra/ci/use/lambda. It calls the page's code, with a clock that the test moves on.

The event: {"later": SECONDS, "name": NAME} reads a secret; {"app": true} calls the page's own handler."""
import datetime
import time

import app
import keepsake
import urllib3.util.retry


class Clock:
    ahead, slept = 0, []

    def time(self):
        return time.time() + self.ahead

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.ahead += seconds


class STS:
    """The SDK's client, whose tokens end by the moved clock."""

    real = keepsake.sts

    def get_web_identity_token(self, **asked):
        given = self.real.get_web_identity_token(**asked)
        return given | {"Expiration": given["Expiration"] + datetime.timedelta(seconds=clock.ahead)}


clock = keepsake.time = urllib3.util.retry.time = Clock()
keepsake.sts = STS()


def handler(event, context):
    if "app" in event:
        return app.handler(event, context)
    clock.ahead += event.get("later", 0)
    clock.slept.clear()
    try:
        said = keepsake.secret(event["name"])
    except LookupError as refused:
        said = str(refused)
    except Exception as failed:
        said = type(failed).__name__
    return f"{said}, slept {sum(clock.slept):g}" if clock.slept else said
