"""What AWS's own registry says of a type of resources: the schemas that come with cfn-lint.

A property that is not as the schema says is refused. CloudFormation does that, too, before it calls a service.
"""

import functools

import jsonschema
import regex  # the registry's patterns have classes that re lacks
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"  # cfn-lint keeps what differs in other regions beside it


@functools.cache
def of(kind):
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema


def _pattern(_validator, pattern, value, _schema):
    if isinstance(value, str) and not regex.search(pattern, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": _pattern})


@functools.cache
def _validator(kind):
    return _Validator(of(kind))


def faults(kind, properties):
    """What the schema refuses of the properties, one line each."""
    lines = []
    for error in _validator(kind).iter_errors(properties):
        where = "/".join(map(str, error.absolute_path)) or "the properties"
        lines.append(f"{where}: {error.message[:200]}")
    return lines


def _names(kind, key):
    """The top-level properties that are listed under a key, such as createOnlyProperties."""
    return {path.split("/")[2] for path in of(kind).get(key) or []}


def replacement(kind, changed):
    """Whether a change of these properties replaces the resource: True, Conditional or False."""
    if changed & _names(kind, "createOnlyProperties"):
        return "True"
    if changed & _names(kind, "conditionalCreateOnlyProperties"):
        return "Conditional"
    return "False"


def tag_property(kind):
    """The property that holds tags, or None."""
    tagging = of(kind).get("tagging") or {}
    if not tagging.get("taggable"):
        return None
    name = tagging.get("tagProperty", "/properties/Tags").split("/")[-1]
    return name if name in of(kind)["properties"] else None


def with_tags(kind, properties, tags):
    """The properties with the stack's tags. A resource's own tags go first."""
    name = tag_property(kind)
    if not tags or name is None:
        return properties
    own = properties.get(name)
    if of(kind)["properties"][name].get("type") == "object":
        return {**properties, name: {**tags, **(own or {})}}
    own = own or []
    there = {t["Key"] for t in own}
    return {**properties, name: own + [{"Key": k, "Value": v} for k, v in sorted(tags.items()) if k not in there]}


def coerced(kind, properties):
    """The properties with numbers, booleans and texts as the schema wants them. Parameters are all texts."""
    return _coerced(of(kind), of(kind), properties)


def _coerced(root, schema, value):
    while "$ref" in schema:
        schema = functools.reduce(lambda s, step: s[step], schema["$ref"].split("/")[1:], root)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("patternProperties", {})
        other = next(iter(others.values()), {})
        return {k: _coerced(root, known.get(k, other), v) for k, v in value.items()}
    if isinstance(value, list):
        return [_coerced(root, schema.get("items", {}), v) for v in value]
    return _scalar(kinds, value)


def _scalar(kinds, value):
    if isinstance(value, str) and "string" not in kinds:
        if "boolean" in kinds and value in ("true", "false"):
            return value == "true"
        for kind, read in (("integer", int), ("number", float)):
            if kind in kinds:
                try:
                    return read(value)
                except ValueError:
                    pass
    if isinstance(value, (int, float)) and not isinstance(value, bool) and kinds == ["string"]:
        return str(value)
    return value
