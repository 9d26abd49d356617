"""Resolves what a template says: its functions, conditions and rules."""

import re

NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


class Scope:
    """What names mean: parameters, pseudo parameters, conditions, and resources by two lookups."""

    def __init__(self, template, values, pseudo, ref, attribute):
        self.conditions = template.get("Conditions", {})
        self.names = {**pseudo, **values, "AWS::NoValue": NO_VALUE}
        self.ref_of = ref
        self.attribute_of = attribute

    def resolve(self, value):
        if isinstance(value, list):
            return [v for v in map(self.resolve, value) if v is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), = value.items()
            if name in FUNCTIONS:
                return FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise ValueError(f"{name} is not known here")
        resolved = {k: self.resolve(v) for k, v in value.items()}
        return {k: v for k, v in resolved.items() if v is not NO_VALUE}

    def ref(self, name):
        return self.names[name] if name in self.names else self.ref_of(name)

    def attribute(self, argument):
        resource, attribute = argument.split(".", 1) if isinstance(argument, str) else (argument[0], ".".join(argument[1:]))
        return self.attribute_of(resource, attribute)

    def substitute(self, argument):
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def replace(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            return str(self.attribute(name) if "." in name else self.ref(name))

        return PLACEHOLDER.sub(replace, text)

    def holds(self, condition):
        """Whether a condition's definition holds."""
        (name, argument), = condition.items()
        if name == "Condition":
            return self.has(argument)
        if name == "Fn::Equals":
            left, right = map(self.resolve, argument)
            return str(left) == str(right)
        if name == "Fn::Not":
            return not self.holds(argument[0])
        if name == "Fn::And":
            return all(map(self.holds, argument))
        if name == "Fn::Or":
            return any(map(self.holds, argument))
        raise ValueError(f"{name} cannot be in a condition")

    def has(self, condition):
        """Whether the condition of this name holds."""
        return self.holds(self.conditions[condition])


def _if(scope, argument):
    condition, then, otherwise = argument
    return scope.resolve(then if scope.has(condition) else otherwise)


def _split(scope, argument):
    return str(scope.resolve(argument[1])).split(argument[0])


def _select(scope, argument):
    return scope.resolve(argument[1])[int(scope.resolve(argument[0]))]


def _join(scope, argument):
    return argument[0].join(map(str, scope.resolve(argument[1])))


FUNCTIONS = {
    "Ref": Scope.ref,
    "Fn::GetAtt": Scope.attribute,
    "Fn::Sub": Scope.substitute,
    "Fn::If": _if,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Join": _join,
}


def references(value):
    """The names that a value refers to: resources, parameters and pseudo parameters."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, argument in value.items():
        if name == "Ref":
            found.add(argument)
        elif name == "Fn::GetAtt":
            found.add(argument.split(".")[0] if isinstance(argument, str) else argument[0])
        elif name == "Fn::Sub":
            text, own = (argument, {}) if isinstance(argument, str) else argument
            found |= {n.split(".")[0] for n in PLACEHOLDER.findall(text) if not n.startswith("!")} - set(own)
            found |= references(own)
        else:
            found |= references(argument)
    return found


def ordered(resources):
    """The names of the resources, each after those that it refers to or depends on."""
    needs = {}
    for name, resource in resources.items():
        after = resource.get("DependsOn", [])
        after = {after} if isinstance(after, str) else set(after)
        needs[name] = sorted((references(resource) | after) & resources.keys() - {name})
    done, open_ = [], []

    def visit(name):
        if name in open_:
            raise ValueError("Circular dependency between resources: " + ", ".join(open_[open_.index(name):]))
        if name in done:
            return
        open_.append(name)
        for other in needs[name]:
            visit(other)
        open_.pop()
        done.append(name)

    for name in resources:
        visit(name)
    return done
