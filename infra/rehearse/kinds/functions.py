"""Roles, functions, and what belongs to a function."""

import json

from kinds.cloud import Made


class Role:
    @staticmethod
    def create(cloud, logical, p):
        iam = cloud.client("iam")
        name = p.get("RoleName") or cloud.name(logical, 64)
        given = {k: p[k] for k in ("PermissionsBoundary", "Tags") if k in p}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(p["AssumeRolePolicyDocument"]), **given)["Role"]
        for policy in p.get("Policies", []):
            Role._put(iam, name, policy)
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    @staticmethod
    def _put(iam, name, policy):
        document = json.dumps(policy["PolicyDocument"], separators=(",", ":"))
        if len(document) > 10240:
            raise ValueError(f"Maximum policy size of 10240 bytes exceeded for role {name}")  # moto takes any
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)

    @staticmethod
    def update(cloud, made, old, new):
        iam = cloud.client("iam")
        for policy in new.get("Policies", []):
            Role._put(iam, made.physical, policy)
        for gone in {p["PolicyName"] for p in old.get("Policies", [])} - {p["PolicyName"] for p in new.get("Policies", [])}:
            iam.delete_role_policy(RoleName=made.physical, PolicyName=gone)
        boundary = new.get("PermissionsBoundary")
        if boundary and boundary != old.get("PermissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=made.physical, PermissionsBoundary=boundary)

    @staticmethod
    def delete(cloud, made):
        iam = cloud.client("iam")
        for name in iam.list_role_policies(RoleName=made.physical)["PolicyNames"]:
            iam.delete_role_policy(RoleName=made.physical, PolicyName=name)
        iam.delete_role(RoleName=made.physical)


class Function:
    BESIDE = ("Code", "Tags", "Architectures", "ReservedConcurrentExecutions")

    @staticmethod
    def create(cloud, logical, p):
        aws = cloud.client("lambda")
        name = cloud.name(logical, 64)
        _check_environment(p)
        tags = {t["Key"]: t["Value"] for t in p.get("Tags", [])}
        own = {k: v for k, v in p.items() if k not in ("Tags", "ReservedConcurrentExecutions")}
        made = aws.create_function(FunctionName=name, Tags=tags, **own)
        Function._reserve(aws, name, {}, p)
        Function._remember(cloud, name, made["CodeSha256"], p)
        return Made(name, {"Arn": made["FunctionArn"]})

    @staticmethod
    def _settings(p):
        return {k: v for k, v in p.items() if k not in Function.BESIDE}

    @staticmethod
    def _remember(cloud, name, code, p):
        """Keeps what a version of the function would consist of."""
        cloud.functions[name] = {"code": code, "architectures": p.get("Architectures"), **Function._settings(p)}

    @staticmethod
    def _reserve(aws, name, old, new):
        key = "ReservedConcurrentExecutions"
        if key in new and new[key] != old.get(key):
            aws.put_function_concurrency(FunctionName=name, **{key: new[key]})
        elif key in old and key not in new:
            aws.delete_function_concurrency(FunctionName=name)

    @staticmethod
    def update(cloud, made, old, new):
        aws, name = cloud.client("lambda"), made.physical
        _check_environment(new)
        if new["Code"] != old["Code"] or new.get("Architectures") != old.get("Architectures"):
            aws.update_function_code(FunctionName=name, Architectures=new["Architectures"], **new["Code"])
        if Function._settings(new) != Function._settings(old):
            aws.update_function_configuration(FunctionName=name, **Function._settings(new))
        Function._reserve(aws, name, old, new)
        code = aws.get_function_configuration(FunctionName=name)["CodeSha256"]
        Function._remember(cloud, name, code, new)

    @staticmethod
    def delete(cloud, made):
        cloud.client("lambda").delete_function(FunctionName=made.physical)
        cloud.published.pop(made.physical, None)


def _check_environment(p):
    if len(json.dumps(p["Environment"]["Variables"])) > 4096:
        raise ValueError("the environment is larger than Lambda's 4 KB")  # moto takes any


class Version:
    """Lambda publishes nothing if code and settings are those of the newest version; CloudFormation calls that an error.

    moto asks only whether there was a call that changes the function, not whether it changed something.
    """

    @staticmethod
    def create(cloud, _logical, p):
        name = p["FunctionName"]
        version, content = cloud.published.get(name, (None, None))
        if content == cloud.functions[name]:
            raise ValueError(f"A version for this Lambda function exists ( {version} ). Modify the function to create a new version.")
        made = cloud.client("lambda").publish_version(FunctionName=name)
        if made["Version"] == version:
            raise ValueError(f"moto published no new version of {name}, but its content is another one")
        cloud.published[name] = (made["Version"], cloud.functions[name])
        return Made(made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]})

    @staticmethod
    def delete(cloud, made):
        name, _, version = made.physical.rpartition(":")
        cloud.client("lambda").delete_function(FunctionName=name, Qualifier=version)


class Permission:
    @staticmethod
    def create(cloud, logical, p):
        name, _, qualifier = p["FunctionName"].rpartition(":")
        own = {k: v for k, v in p.items() if k != "FunctionName"}
        statement = cloud.name(logical, 100)
        cloud.client("lambda").add_permission(FunctionName=name, Qualifier=qualifier, StatementId=statement, **own)
        return Made(statement, {"Id": statement, "function": name, "qualifier": qualifier})

    @staticmethod
    def delete(cloud, made):
        a = made.attributes
        cloud.client("lambda").remove_permission(FunctionName=a["function"], Qualifier=a["qualifier"], StatementId=made.physical)


class EventInvokeConfig:
    @staticmethod
    def create(cloud, _logical, p):
        cloud.client("lambda").put_function_event_invoke_config(**p)
        return Made(f"{p['FunctionName']}|{p['Qualifier']}")

    @staticmethod
    def update(cloud, _made, _old, new):
        cloud.client("lambda").put_function_event_invoke_config(**new)

    @staticmethod
    def delete(cloud, made):
        name, qualifier = made.physical.split("|")
        cloud.client("lambda").delete_function_event_invoke_config(FunctionName=name, Qualifier=qualifier)


class EventSourceMapping:
    @staticmethod
    def create(cloud, _logical, p):
        made = cloud.client("lambda").create_event_source_mapping(**{k: v for k, v in p.items() if k != "Tags"})
        return Made(made["UUID"], {"Id": made["UUID"]})

    @staticmethod
    def update(cloud, made, _old, new):
        fixed = ("Tags", "EventSourceArn", "StartingPosition")
        cloud.client("lambda").update_event_source_mapping(UUID=made.physical, **{k: v for k, v in new.items() if k not in fixed})

    @staticmethod
    def delete(cloud, made):
        cloud.client("lambda").delete_event_source_mapping(UUID=made.physical)


KINDS = {
    "AWS::IAM::Role": Role,
    "AWS::Lambda::Function": Function,
    "AWS::Lambda::Version": Version,
    "AWS::Lambda::Permission": Permission,
    "AWS::Lambda::EventInvokeConfig": EventInvokeConfig,
    "AWS::Lambda::EventSourceMapping": EventSourceMapping,
}
