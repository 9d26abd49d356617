"""CloudFormation's API, in moto's server.

moto reads the requests and writes the responses, by AWS's own model of the API.
"""

import threading
import traceback
import urllib.parse

import moto.cloudformation.urls
from moto.cloudformation.exceptions import ValidationError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from formation.execute import Execution
from formation.stack import Stack
from formation.template import Refused
from kinds.cloud import Cloud

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def refuse(message):
    return ValidationError(message=message)


class Account:
    """The stacks, and what is to go wrong with them."""

    def __init__(self):
        self.url = ""
        self.stacks = {}  # by name
        self.gone = []  # stacks that were deleted
        self.faults = {}  # logical id -> why its next creation or update fails
        self.running = []  # threads
        self.observer = None  # is told of each resource that was changed

    def find(self, name_or_arn):
        """The stack of this name or ARN, or None."""
        for stack in (*self.stacks.values(), *self.gone):
            if name_or_arn == stack.arn or (name_or_arn == stack.name and stack not in self.gone):
                return stack
        return None

    def change_set(self, arn):
        for stack in self.stacks.values():
            for change_set in stack.sets.values():
                if change_set.arn == arn:
                    return stack, change_set
        return None, None

    def start(self, stack, work):
        def run():
            try:
                work()
            except Exception:  # noqa: BLE001 (whoever waits for the stack must see it)
                stack.set_status("UPDATE_ROLLBACK_FAILED", traceback.format_exc())
            if stack.status == "DELETE_COMPLETE":
                del self.stacks[stack.name]
                self.gone.append(stack)
        thread = threading.Thread(target=run)
        self.running.append(thread)
        thread.start()
        thread.join(timeout=1)  # SAM waits for fifteen seconds if its small stack is not there at once

    def settle(self):
        """Waits until all operations have ended."""
        while self.running:
            self.running.pop().join()


ACCOUNT = Account()


def _given(parameters):
    """Parameter values; None stands for the one that the stack has."""
    return {p["ParameterKey"]: None if p.get("UsePreviousValue") else p.get("ParameterValue", "") for p in parameters}


def _pairs(values, key, value):
    return [{key: k, value: v} for k, v in values.items()]


class Front(BaseResponse):
    def __init__(self):
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def _stack(self):
        """The stack that the request names."""
        name = self.params.get("StackName") or ""
        stack = ACCOUNT.find(name)
        if stack is None:
            raise ValidationError(name)
        return stack

    def _change_set(self):
        """The stack and the change set that the request names, by its ARN or by both names."""
        name = self.params["ChangeSetName"]
        stack, change_set = ACCOUNT.change_set(name)
        if stack is None and not name.startswith("arn:"):
            stack = self._stack()
            change_set = stack.sets.get(name)
        if change_set is None:
            raise refuse(f"ChangeSet [{name}] does not exist")
        return stack, change_set

    def create_change_set(self):
        p = self.params
        stack = ACCOUNT.find(p["StackName"]) or Stack(p["StackName"], Cloud(ACCOUNT.url, p["StackName"]))
        tags = {t["Key"]: t["Value"] for t in p.get("Tags") or []}
        try:
            change_set = stack.add_set(p["ChangeSetName"], self._template(), _given(p.get("Parameters") or []), tags, p.get("RoleARN"))
        except Refused as refused:
            raise refuse(str(refused)) from refused
        roles = any(r["Type"].startswith("AWS::IAM::") for r in change_set.template.resources.values())
        if roles and "CAPABILITY_NAMED_IAM" not in p.get("Capabilities", []):
            raise refuse("Requires capabilities : [CAPABILITY_NAMED_IAM]")
        ACCOUNT.stacks[stack.name] = stack
        return ActionResult({"Id": change_set.arn, "StackId": stack.arn})

    def _template(self):
        if self.params.get("TemplateBody"):
            return self.params["TemplateBody"]
        bucket, _, key = urllib.parse.urlparse(self.params["TemplateURL"]).path.lstrip("/").partition("/")
        return Cloud(ACCOUNT.url, "").client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def describe_change_set(self):
        stack, change_set = self._change_set()
        empty = not change_set.changes and stack.tags == change_set.tags
        state = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": NO_CHANGES} if empty else {
            "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
        return ActionResult({
            "ChangeSetName": change_set.name, "ChangeSetId": change_set.arn, "StackName": stack.name, "StackId": stack.arn, **state,
            "Changes": [{"Type": "Resource", "ResourceChange": _shown(c, stack)} for c in change_set.changes]})

    def delete_change_set(self):
        stack, change_set = self._change_set()
        del stack.sets[change_set.name]
        return EmptyResult()

    def execute_change_set(self):
        stack, change_set = self._change_set()
        stack.sets.clear()
        execution = Execution(stack, ACCOUNT.faults, ACCOUNT.observer)
        run = execution.create if stack.status == "REVIEW_IN_PROGRESS" else execution.update
        ACCOUNT.start(stack, lambda: run(change_set))
        return EmptyResult()

    def describe_stacks(self):
        if self.params.get("StackName") is None:
            return ActionResult({"Stacks": [_described(s) for s in ACCOUNT.stacks.values()]})
        stack = self._stack()
        return ActionResult({"Stacks": [_described(stack)]})

    def describe_stack_events(self):
        stack = self._stack()
        return ActionResult({"StackEvents": stack.events[::-1]})

    def describe_stack_resource(self):
        stack = self._stack()
        name = self.params["LogicalResourceId"]
        if name not in stack.resources:
            raise refuse(f"Resource {name} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": {**_resource(stack.resources[name]), "StackName": stack.name, "StackId": stack.arn}})

    def describe_stack_resources(self):
        stack = self._stack()
        return ActionResult({"StackResources": [
            {**_resource(r), "Timestamp": r.when, "StackName": stack.name, "StackId": stack.arn} for r in stack.resources.values()]})

    def list_stack_resources(self):
        stack = self._stack()
        return ActionResult({"StackResourceSummaries": [_resource(r) for r in stack.resources.values()]})

    def get_template_summary(self):
        stack = self._stack()
        return ActionResult({"Parameters": [{"ParameterKey": k} for k in stack.values()]})

    def update_termination_protection(self):
        stack = self._stack()
        stack.protected = self.params["EnableTerminationProtection"]
        return ActionResult({"StackId": stack.arn})

    def delete_stack(self):
        stack = self._stack()
        if stack.protected:
            raise refuse(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        ACCOUNT.start(stack, Execution(stack).remove)
        return EmptyResult()


def _described(stack):
    values = stack.template.shown() if stack.template else {}
    return {
        "StackName": stack.name, "StackId": stack.arn, "CreationTime": stack.created, "StackStatus": stack.status,
        "StackStatusReason": stack.reason, "EnableTerminationProtection": stack.protected, "RoleARN": stack.role,
        "Parameters": _pairs(values, "ParameterKey", "ParameterValue"), "Tags": _pairs(stack.tags, "Key", "Value"),
        "Outputs": _pairs(stack.outputs, "OutputKey", "OutputValue")}


def _resource(resource):
    return {"LogicalResourceId": resource.logical, "ResourceType": resource.kind, "ResourceStatus": resource.status,
            "PhysicalResourceId": resource.made.physical if resource.made else None, "LastUpdatedTimestamp": resource.when}


def _shown(change, stack):
    shown = {"Action": change.action, "LogicalResourceId": change.logical, "ResourceType": change.kind}
    if change.action != "Add":
        shown["PhysicalResourceId"] = stack.resources[change.logical].made.physical
    if change.action == "Modify":
        shown["Replacement"] = change.replacement
        if change.replacement != "False":
            shown["PolicyAction"] = "ReplaceAndRetain" if change.kept else "ReplaceAndDelete"
    if change.action == "Remove":
        shown["PolicyAction"] = "Retain" if change.kept else "Delete"
    return shown


def install():
    """Puts this in the place of moto's CloudFormation."""
    moto.cloudformation.urls.url_paths["{0}/$"] = Front.dispatch
