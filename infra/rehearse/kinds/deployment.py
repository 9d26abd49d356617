"""Aliases, and what CodeDeploy knows of them."""

import json

from kinds.cloud import Made


def _camel(value):
    """CodeDeploy's API begins names with a small letter, CloudFormation with a capital."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: _camel(v) for k, v in value.items()}
    return [_camel(v) for v in value] if isinstance(value, list) else value


class Application:
    @staticmethod
    def create(cloud, logical, p):
        name = cloud.name(logical, 100)
        cloud.client("codedeploy").create_application(applicationName=name, computePlatform=p["ComputePlatform"])
        return Made(name)

    @staticmethod
    def delete(cloud, _made):
        cloud.miss("codedeploy", "delete_application")


class DeploymentGroup:
    @staticmethod
    def create(cloud, logical, p):
        name = cloud.name(logical, 100)
        own = _camel({k: v for k, v in p.items() if k != "Tags"})
        cloud.client("codedeploy").create_deployment_group(deploymentGroupName=name, **own)
        return Made(name)

    @staticmethod
    def update(cloud, _made, _old, _new):
        cloud.miss("codedeploy", "update_deployment_group")

    @staticmethod
    def delete(cloud, _made):
        cloud.miss("codedeploy", "delete_deployment_group")


class Alias:
    @staticmethod
    def create(cloud, _logical, p):
        made = cloud.client("lambda").create_alias(FunctionName=p["FunctionName"], Name=p["Name"], FunctionVersion=p["FunctionVersion"])
        return Made(made["AliasArn"], {"AliasArn": made["AliasArn"]})

    @staticmethod
    def update(cloud, _made, old, new, policy):
        """Moves the alias. With an update policy, CodeDeploy does that: it gets the deployment first."""
        shift = policy.get("CodeDeployLambdaAliasUpdate")
        if shift:
            Alias._deploy(cloud.client("codedeploy"), shift, old, new)
        cloud.client("lambda").update_alias(FunctionName=new["FunctionName"], Name=new["Name"], FunctionVersion=new["FunctionVersion"])

    @staticmethod
    def _deploy(codedeploy, shift, old, new):
        function = {"Type": "AWS::Lambda::Function", "Properties": {
            "Name": new["FunctionName"], "Alias": new["Name"], "CurrentVersion": old["FunctionVersion"], "TargetVersion": new["FunctionVersion"]}}
        content = json.dumps({"version": 0.0, "Resources": [{new["FunctionName"]: function}]})
        codedeploy.create_deployment(
            applicationName=shift["ApplicationName"], deploymentGroupName=shift["DeploymentGroupName"],
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}})

    @staticmethod
    def delete(cloud, made):
        function, _, name = made.physical.rpartition(":")
        cloud.client("lambda").delete_alias(FunctionName=function, Name=name)


KINDS = {
    "AWS::CodeDeploy::Application": Application,
    "AWS::CodeDeploy::DeploymentGroup": DeploymentGroup,
    "AWS::Lambda::Alias": Alias,
}
