"""What another template, or other values of parameters and tags, would change of a stack."""

from dataclasses import dataclass, field

from formation import schema
from formation.resolve import ordered, references

KEPT = ("Retain", "RetainExceptOnCreate")


@dataclass
class Change:
    action: str  # Add, Modify or Remove
    logical: str
    kind: str
    replacement: str = "False"  # True, Conditional or False
    properties: set = field(default_factory=set)
    kept: bool = False  # the resource that is removed or replaced stays in the account


def on_paper(template, tags):
    """The template's resources, with values for all but what AWS makes up: names and attributes of other resources."""
    scope = template.scope(lambda name: f"${{{name}}}", lambda name, attribute: f"${{{name}.{attribute}}}")
    paper = {}
    for name, resource in template.resources.items():
        resolved = scope.resolve({k: v for k, v in resource.items() if k not in ("DependsOn", "Metadata")})
        kind = resource["Type"]
        resolved["Properties"] = schema.with_tags(kind, schema.coerced(kind, resolved.get("Properties", {})), tags)
        paper[name] = resolved
    return paper


def between(old, new):
    """The changes from one stack to another, each as on_paper returns it with its template: (template, paper).

    CloudFormation also lists, as perhaps changed, what refers to an attribute of a changed resource. This does so only
    if the resource is replaced, because nothing else changes the attributes that the template uses.
    """
    (_, before), (template, after) = old, new
    changes = {}
    for name in ordered(template.resources):
        change = _change(name, before.get(name), after[name])
        moved = {n for n, c in changes.items() if c.replacement != "False" and c.action == "Modify"}
        change = _follow(change, name, template.resources[name], moved)
        if change:
            changes[name] = change
    for name in before.keys() - after.keys():
        kept = before[name].get("DeletionPolicy") in KEPT
        changes[name] = Change("Remove", name, before[name]["Type"], kept=kept)
    return list(changes.values())


def _change(name, before, after):
    kind = after["Type"]
    if before is None:
        return Change("Add", name, kind)
    old, new = before["Properties"], after["Properties"]
    changed = {k for k in old.keys() | new.keys() if old.get(k) != new.get(k)}
    if not changed:
        return None
    kept = after.get("UpdateReplacePolicy") in KEPT
    return Change("Modify", name, kind, schema.replacement(kind, changed), changed, kept)


def _follow(change, name, resource, moved):
    """The change, and what the replacement of other resources changes besides."""
    properties = {k for k, v in resource.get("Properties", {}).items() if references(v) & moved}
    if not properties or (change and change.action == "Add"):
        return change
    change = change or Change("Modify", name, resource["Type"])
    change.properties |= properties
    change.replacement = schema.replacement(resource["Type"], change.properties)
    change.kept = resource.get("UpdateReplacePolicy") in KEPT
    return change
