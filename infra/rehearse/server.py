"""moto's server, with this CloudFormation in it, and with what else the rehearsal needs of it."""

import json
import logging

import moto.awslambda.urls
from moto.awslambda.models import LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.dynamodb.parsing.tokens import ExpressionTokenizer
from moto.server import ThreadedMotoServer

from formation import front

CONCURRENCY = {"limit": 1000}


class AccountSettings(LambdaResponse):
    """lambda:GetAccountSettings, which make deploy asks for the executions that can be reserved."""

    def get_account_settings(self):
        limit = {"ConcurrentExecutions": CONCURRENCY["limit"], "UnreservedConcurrentExecutions": CONCURRENCY["limit"]}
        return json.dumps({"AccountLimit": limit, "AccountUsage": {"FunctionCount": 0, "TotalCodeSize": 0}})


def _extend():
    """Adds to moto what the rehearsal needs of it."""
    front.install()
    moto.awslambda.urls.url_paths[r"{0}/(?P<api_version>[^/]+)/account-settings/?$"] = AccountSettings.dispatch
    # moto would run the stream's functions in Docker. The rehearsal reads the stream and runs one itself.
    LambdaBackend.send_dynamodb_items = lambda *_: b""
    # DynamoDB takes tabs in an update expression, as any white space. moto does not.
    tokens = ExpressionTokenizer.make_list.__func__
    ExpressionTokenizer.make_list = classmethod(lambda cls, text: tokens(cls, text.replace("\t", " ")))


def start():
    """Starts the server on a free port of this machine. Returns its address."""
    logging.disable(logging.ERROR)  # moto's server logs each request
    _extend()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    front.ACCOUNT.url = f"http://{host}:{port}"
    return front.ACCOUNT.url
