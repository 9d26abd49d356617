"""Reads a template as CloudFormation does: SAM's transform, the parameters' bounds, the rules."""

import logging
import os
import re

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from formation.resolve import Scope
from place import REGION

os.environ["AWS_DEFAULT_REGION"] = REGION  # the transform asks boto3 where it is
logging.getLogger("samtranslator").setLevel(logging.ERROR)
HIDDEN = "****"


class Refused(Exception):
    """CloudFormation does not take what it was given."""


class _NoManagedPolicies:
    def load(self):
        return {}


def parameter_values(declared, given, before):
    """The value of each parameter: given, kept, or its default."""
    values = {}
    for name, rules in declared.items():
        value = before.get(name) if given.get(name) is None else given[name]
        if name not in given or value is None:
            value = rules.get("Default")
        if value is None:
            raise Refused(f"Parameters: [{name}] must have values")
        values[name] = _checked(name, str(value), rules)
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise Refused(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    return values


def _checked(name, value, rules):
    wrong = f"Parameter '{name}' must "
    if "AllowedPattern" in rules and not re.fullmatch(rules["AllowedPattern"], value):
        raise Refused(wrong + f"match pattern {rules['AllowedPattern']}")
    if "AllowedValues" in rules and value not in map(str, rules["AllowedValues"]):
        raise Refused(wrong + "be one of AllowedValues")
    if not rules.get("MinLength", 0) <= len(value) <= rules.get("MaxLength", 4096):
        raise Refused(wrong + "be of an allowed length")
    if rules["Type"] == "Number" and not rules.get("MinValue", float("-inf")) <= float(value) <= rules.get("MaxValue", float("inf")):
        raise Refused(wrong + "be a number within its bounds")
    return value


class Template:
    """A template after SAM's transform, with values for its parameters."""

    def __init__(self, text, given, before, pseudo):
        source = yaml_parse(text)
        self.declared = source.get("Parameters", {})
        self.values = parameter_values(self.declared, given, before)
        self.pseudo = pseudo
        self._check_rules(source)
        self.body = transform(source, dict(self.values), _NoManagedPolicies())
        scope = self.scope(_no_resource, _no_resource)
        self.resources = {n: r for n, r in self.body["Resources"].items() if "Condition" not in r or scope.has(r["Condition"])}

    def scope(self, ref, attribute):
        return Scope(self.body, self.values, self.pseudo, ref, attribute)

    def shown(self):
        """The parameters' values, as CloudFormation shows them."""
        return {n: HIDDEN if self.declared[n].get("NoEcho") else v for n, v in self.values.items()}

    def _check_rules(self, source):
        scope = Scope(source, self.values, self.pseudo, _no_resource, _no_resource)
        for rule in source.get("Rules", {}).values():
            if "RuleCondition" in rule and not scope.holds(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not scope.holds(assertion["Assert"]):
                    raise Refused("Template error: " + assertion["AssertDescription"])


def _no_resource(*name):
    raise Refused(f"Template error: {'.'.join(name)} cannot be used here")
