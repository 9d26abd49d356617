"""Carries out a change set, takes it back if it fails, and removes a stack: resource by resource, in order."""

import copy

from botocore.exceptions import BotoCoreError, ClientError

from formation import schema
from formation.changes import KEPT
from formation.resolve import ordered
from formation.stack import Resource
from kinds import KINDS

# What the API of a service, or a type here, may say instead of doing it.
FAILURES = (BotoCoreError, ClientError, KeyError, ValueError)


class Execution:
    """One operation on a stack."""

    def __init__(self, stack, faults=None, observe=None):
        self.stack = stack
        self.cloud = stack.cloud
        self.observe = observe or (lambda resource: None)
        self.faults = faults or {}  # logical id -> the reason that its creation or update fails, once
        self.undo = []  # what takes back what was done, the last first
        self.obsolete = []  # resources that were replaced or left the template

    def create(self, change_set):
        self._run(change_set, "CREATE")

    def update(self, change_set):
        self._run(change_set, "UPDATE")

    def _run(self, change_set, verb):
        stack = self.stack
        before = (stack.template, stack.tags, stack.role, stack.outputs, dict(stack.resources))
        stack.set_status(f"{verb}_IN_PROGRESS", "User Initiated")
        stack.template, stack.tags, stack.role = change_set.template, change_set.tags, change_set.role
        try:
            for name in ordered(stack.template.resources):
                self._put(name, stack.template.resources[name])
            outputs = stack.template.body.get("Outputs", {})
            stack.outputs = {n: stack.scope(stack.template).resolve(o["Value"]) for n, o in outputs.items()}
        except _Failed as failed:
            self._roll_back(verb, failed, before)
            return
        if verb == "UPDATE":
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self._clean_up(before[-1])
        stack.set_status(f"{verb}_COMPLETE")

    def _put(self, name, declared):
        """Makes a resource as its template says: creates, updates or replaces it, or leaves it alone."""
        kind = declared["Type"]
        there = self.stack.resources.get(name)
        resource = there or Resource(name, kind, "")
        verb = "UPDATE" if there else "CREATE"
        try:
            wanted = self._properties(kind, declared)
            rest = {k: declared[k] for k in ("DeletionPolicy", "UpdateReplacePolicy") if k in declared}
            rest["UpdatePolicy"] = self.stack.scope(self.stack.template).resolve(declared.get("UpdatePolicy", {}))
            if there and wanted == there.properties:
                there.rest = rest
                return
            self.stack.mark(resource, f"{verb}_IN_PROGRESS")
            self._apply(resource, wanted, rest)
        except FAILURES as failure:
            self.stack.resources.setdefault(name, resource)
            reason = str(failure)
            self.stack.mark(resource, f"{verb}_FAILED", reason)
            raise _Failed(name, reason) from failure
        self.stack.mark(resource, f"{verb}_COMPLETE")
        self.observe(resource)

    def _properties(self, kind, declared):
        wanted = self.stack.scope(self.stack.template).resolve(declared.get("Properties", {}))
        wanted = schema.with_tags(kind, schema.coerced(kind, wanted), self.stack.tags)
        faults = schema.faults(kind, wanted)
        if faults:
            raise ValueError("Properties validation failed: " + "; ".join(faults))
        return wanted

    def _apply(self, resource, wanted, rest):
        if resource.logical in self.faults:
            raise ValueError(self.faults.pop(resource.logical))
        if resource.made is None:
            self._create(resource, wanted, rest)
            return
        changed = {k for k in wanted.keys() | resource.properties.keys() if wanted.get(k) != resource.properties.get(k)}
        if schema.replacement(resource.kind, changed) == "False":
            self._update(resource, wanted, rest)
        else:
            self._replace(resource, wanted, rest)

    def _create(self, resource, wanted, rest):
        resource.made = _kind(resource).create(self.cloud, resource.logical, copy.deepcopy(wanted))
        resource.properties, resource.rest = wanted, rest
        self.stack.resources[resource.logical] = resource
        self.undo.append(lambda: self._uncreate(resource))

    def _update(self, resource, wanted, rest):
        before = (resource.properties, resource.rest)
        self._change(resource, wanted, rest)
        self.undo.append(lambda: self._unupdate(resource, *before))

    def _change(self, resource, wanted, rest):
        kind = _kind(resource)
        if not hasattr(kind, "update"):
            raise ValueError(f"{resource.kind} cannot be updated here")
        more = (rest["UpdatePolicy"],) if resource.kind == "AWS::Lambda::Alias" else ()
        kind.update(self.cloud, resource.made, copy.deepcopy(resource.properties), copy.deepcopy(wanted), *more)
        resource.properties, resource.rest = wanted, rest

    def _replace(self, resource, wanted, rest):
        before = copy.copy(resource)
        resource.made = None
        self._create(resource, wanted, rest)
        self.obsolete.append(before)
        self.undo[-1] = lambda: self._unreplace(resource, before)

    def _clean_up(self, before):
        """Deletes what was replaced, and what left the template, the last made first."""
        for resource in self.obsolete:
            self._delete(resource, resource.rest.get("UpdateReplacePolicy"))
        for name, resource in reversed(before.items()):
            if name not in self.stack.template.resources:
                del self.stack.resources[name]
                self._delete(resource, resource.rest.get("DeletionPolicy"))

    def _delete(self, resource, policy, keep=KEPT):
        """Deletes a resource, unless its policy keeps it. Returns whether it is gone."""
        if policy in keep:
            self.stack.mark(resource, "DELETE_SKIPPED")
            return True
        self.stack.mark(resource, "DELETE_IN_PROGRESS")
        try:
            if resource.made:
                _kind(resource).delete(self.cloud, resource.made)
        except FAILURES as failure:
            self.stack.mark(resource, "DELETE_FAILED", str(failure))
            return False
        self.stack.mark(resource, "DELETE_COMPLETE")
        return True

    def _roll_back(self, verb, failed, before):
        stack = self.stack
        reason = f"The following resource(s) failed to {verb.lower()}: [{failed.name}]."
        stack.set_status("ROLLBACK_IN_PROGRESS" if verb == "CREATE" else "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        for step in reversed(self.undo):
            step()
        if verb == "CREATE":
            stack.set_status("ROLLBACK_COMPLETE")
            return
        stack.template, stack.tags, stack.role, stack.outputs, stack.resources = before
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _uncreate(self, resource):
        """Takes a creation back. Of a policy, Retain alone keeps what this operation has created."""
        self._delete(resource, resource.rest.get("DeletionPolicy"), keep=("Retain",))

    def _unupdate(self, resource, properties, rest):
        self.stack.mark(resource, "UPDATE_IN_PROGRESS")
        self._change(resource, properties, {**rest, "UpdatePolicy": {}})
        resource.rest = rest
        self.stack.mark(resource, "UPDATE_COMPLETE")

    def _unreplace(self, resource, before):
        self._delete(copy.copy(resource), resource.rest.get("UpdateReplacePolicy"))
        resource.__dict__.update(before.__dict__)
        self.stack.mark(resource, "UPDATE_COMPLETE")

    def remove(self):
        """Deletes the stack. What its policies keep stays in the account."""
        stack = self.stack
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        order = ordered(stack.template.resources)
        failed = []
        for name in reversed(order):
            resource = stack.resources.get(name)
            if resource is None or resource.status in ("DELETE_COMPLETE", "DELETE_SKIPPED"):
                continue
            if not self._delete(resource, resource.rest.get("DeletionPolicy")):
                failed.append(name)
        if failed:
            stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}].")
            return
        stack.set_status("DELETE_COMPLETE")


def _kind(resource):
    if resource.kind not in KINDS:
        raise ValueError(f"infra/rehearse/kinds has no class for {resource.kind}: add one, by the API of its service")
    return KINDS[resource.kind]


class _Failed(Exception):
    def __init__(self, name, reason):
        super().__init__(f"{name}: {reason}")
        self.name = name
