"""The gateway, and CloudFront."""

import json
import secrets

from kinds.cloud import Made


class Api:
    """moto has no ImportApi: the API is made empty, and imported again."""

    @staticmethod
    def create(cloud, _logical, p):
        gateway = cloud.client("apigatewayv2")
        cloud.miss("apigatewayv2", "import_api")
        made = gateway.create_api(Name=p["Body"]["info"]["title"], ProtocolType="HTTP")
        gateway.reimport_api(ApiId=made["ApiId"], Body=json.dumps(p["Body"]))
        return Made(made["ApiId"], {"ApiId": made["ApiId"], "ApiEndpoint": made.get("ApiEndpoint")})

    @staticmethod
    def update(cloud, made, _old, new):
        cloud.client("apigatewayv2").reimport_api(ApiId=made.physical, Body=json.dumps(new["Body"]))

    @staticmethod
    def delete(cloud, made):
        cloud.client("apigatewayv2").delete_api(ApiId=made.physical)


class Stage:
    @staticmethod
    def create(cloud, _logical, p):
        cloud.client("apigatewayv2").create_stage(**p)
        return Made(p["StageName"], {"api": p["ApiId"]})

    @staticmethod
    def update(cloud, _made, _old, _new):
        cloud.miss("apigatewayv2", "update_stage")

    @staticmethod
    def delete(cloud, made):
        cloud.client("apigatewayv2").delete_stage(ApiId=made.attributes["api"], StageName=made.physical)


class EdgeFunction:
    @staticmethod
    def create(cloud, _logical, p):
        code = p["FunctionCode"].encode()
        if len(code) > 10240:
            raise ValueError("the function is larger than CloudFront's 10 KB")  # moto takes any
        made = cloud.client("cloudfront").create_function(Name=p["Name"], FunctionConfig=p["FunctionConfig"], FunctionCode=code)
        if p.get("AutoPublish"):
            cloud.miss("cloudfront", "publish_function")
        arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
        return Made(p["Name"], {"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn})

    @staticmethod
    def update(cloud, _made, _old, _new):
        cloud.miss("cloudfront", "update_function")

    @staticmethod
    def delete(cloud, made):
        cloudfront = cloud.client("cloudfront")
        etag = cloudfront.describe_function(Name=made.physical)["ETag"]
        cloudfront.delete_function(Name=made.physical, IfMatch=etag)


# CloudFront's API wraps each list and spells some names in another way than CloudFormation.
SPELLINGS = {"OriginCustomHeaders": "CustomHeaders", "OriginSSLProtocols": "OriginSslProtocols", "IPV6Enabled": "IsIPV6Enabled",
             "WebACLId": "WebACLId", "AcmCertificateArn": "ACMCertificateArn", "SslSupportMethod": "SSLSupportMethod"}


def _spelled(value):
    if isinstance(value, list):
        return {"Quantity": len(value), "Items": [_spelled(v) for v in value]}
    if not isinstance(value, dict):
        return value
    out = {SPELLINGS.get(k, k): _spelled(v) for k, v in value.items()}
    if "OriginProtocolPolicy" in out:
        out = {"HTTPPort": 80, "HTTPSPort": 443, **out}
    return out


class Distribution:
    @staticmethod
    def create(cloud, _logical, p):
        config = {"CallerReference": secrets.token_hex(8), **_spelled(p["DistributionConfig"])}
        made = cloud.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
        return Made(made["Id"], {"Id": made["Id"], "DomainName": made["DomainName"], "reference": config["CallerReference"]})

    @staticmethod
    def update(cloud, made, _old, new):
        Distribution._put(cloud.client("cloudfront"), made, new["DistributionConfig"])

    @staticmethod
    def _put(cloudfront, made, config):
        etag = cloudfront.get_distribution_config(Id=made.physical)["ETag"]
        config = {"CallerReference": made.attributes["reference"], **_spelled(config)}
        return cloudfront.update_distribution(Id=made.physical, IfMatch=etag, DistributionConfig=config)["ETag"]

    @staticmethod
    def delete(cloud, made):
        cloudfront = cloud.client("cloudfront")
        found = cloudfront.get_distribution_config(Id=made.physical)
        found["DistributionConfig"]["Enabled"] = False
        etag = cloudfront.update_distribution(Id=made.physical, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"])["ETag"]
        cloudfront.delete_distribution(Id=made.physical, IfMatch=etag)


KINDS = {
    "AWS::ApiGatewayV2::Api": Api,
    "AWS::ApiGatewayV2::Stage": Stage,
    "AWS::CloudFront::Function": EdgeFunction,
    "AWS::CloudFront::Distribution": Distribution,
}
