"""The way to moto: one client for each service, and a note of what moto does not offer."""

import secrets
import string
from collections import Counter
from dataclasses import dataclass, field

import boto3
from botocore.config import Config

from place import REGION

# What moto does not offer, and what is missing for that reason.
LACKS = {
    ("apigatewayv2", "import_api"): "a gateway from its document: it was made empty, and ReimportApi filled it",
    ("apigatewayv2", "update_stage"): "a changed throttle",
    ("cloudfront", "publish_function"): "the edge function's publication",
    ("cloudfront", "update_function"): "a changed edge function",
    ("codedeploy", "delete_application"): "the end of a CodeDeploy application",
    ("codedeploy", "delete_deployment_group"): "the end of a deployment group",
    ("codedeploy", "update_deployment_group"): "a changed deployment group",
}


@dataclass
class Made:
    """A resource that is there: the name it goes by, its attributes, and its properties as they were set."""

    physical: str
    attributes: dict = field(default_factory=dict)


MISSED = Counter()  # what moto lacks, of all stacks: how often it was wanted


class Cloud:
    def __init__(self, url, stack):
        self.url = url
        self.stack = stack
        self.functions = {}  # a function's name -> what a version of it would consist of
        self.published = {}  # a function's name -> its newest version, and what that consists of
        self._clients = {}

    def client(self, service):
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, config=Config(retries={"max_attempts": 1}),
                aws_access_key_id="rehearsal", aws_secret_access_key="rehearsal")
        return self._clients[service]

    def name(self, logical, most=255):
        """A name as CloudFormation makes them up."""
        suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
        return f"{self.stack}-{logical}"[: most - 13] + "-" + suffix

    @staticmethod
    def miss(service, operation):
        """Notes that a call was wanted which moto does not offer."""
        assert (service, operation) in LACKS, f"say in LACKS what moto lacks without {service}:{operation}"
        MISSED[service, operation] += 1
