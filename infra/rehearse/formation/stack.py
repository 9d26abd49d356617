"""The stacks of the rehearsal, their change sets and their events."""

import datetime
import secrets
import uuid
from dataclasses import dataclass, field

from formation import changes
from formation.template import Template
from place import ACCOUNT, REGION


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def _arn(kind, name):
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:{kind}/{name}/{uuid.uuid4()}"


@dataclass
class Resource:
    """A resource of a stack. made is None if it is not there any more."""

    logical: str
    kind: str
    status: str
    made: object = None
    properties: dict = field(default_factory=dict)
    rest: dict = field(default_factory=dict)  # policies
    when: object = field(default_factory=now)


@dataclass
class ChangeSet:
    name: str
    arn: str
    template: Template
    tags: dict
    role: str
    changes: list


class Stack:
    def __init__(self, name, cloud):
        self.name, self.cloud = name, cloud
        self.arn = _arn("stack", name)
        self.created = now()
        self.status = "REVIEW_IN_PROGRESS"
        self.reason = ""
        self.template = None
        self.tags, self.role = {}, None
        self.protected = False
        self.resources = {}  # logical id -> Resource
        self.outputs = {}
        self.sets = {}
        self.events = []  # the oldest first

    def pseudo(self):
        return {"AWS::StackName": self.name, "AWS::StackId": self.arn, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT,
                "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

    def values(self):
        return self.template.values if self.template else {}

    def add_set(self, name, text, given, tags, role):
        """Makes a change set. Raises Refused if the template or the values are not taken."""
        template = Template(text, given, self.values(), self.pseudo())
        new = (template, changes.on_paper(template, tags))
        old = (None, changes.on_paper(self.template, self.tags)) if self.template else (None, {})
        change_set = ChangeSet(name, _arn("changeSet", name), template, tags, role or self.role, changes.between(old, new))
        self.sets[name] = change_set
        return change_set

    def set_status(self, status, reason=""):
        self.status, self.reason = status, reason
        self.say(self.name, self.arn, "AWS::CloudFormation::Stack", status, reason)

    def say(self, logical, physical, kind, status, reason=""):
        self.events.append({
            "EventId": secrets.token_hex(16), "StackId": self.arn, "StackName": self.name, "LogicalResourceId": logical,
            "PhysicalResourceId": physical or "", "ResourceType": kind, "ResourceStatus": status, "Timestamp": now(),
            **({"ResourceStatusReason": reason} if reason else {})})

    def mark(self, resource, status, reason=""):
        resource.status, resource.when = status, now()
        self.say(resource.logical, resource.made.physical if resource.made else "", resource.kind, status, reason)

    def scope(self, template):
        """What names mean now, with the names and attributes that services have made up."""
        def attribute(name, of):
            made = self.resources[name].made
            if of not in made.attributes:
                raise KeyError(f"{self.resources[name].kind} has no attribute {of} here")
            return made.attributes[of]
        return template.scope(lambda name: self.resources[name].made.physical, attribute)
