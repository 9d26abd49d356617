"""What moto checks: a mistake in a value of each type, which AWS refuses. moto sees some of them, and takes the others.

AWS's schemas see some, too; what neither sees would be found on AWS.
"""

import io
import json
import zipfile

from botocore.exceptions import BotoCoreError, ClientError

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def _program():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("bootstrap", "")
    return {"Runtime": "provided.al2023", "Handler": "bootstrap", "Code": {"ZipFile": archive.getvalue()}}


def _prepare(client):
    """Makes what the mistakes need: a role, a function, an application, a gateway, a topic."""
    role = client("iam").create_role(RoleName="probe", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    client("lambda").create_function(FunctionName="probe", Role=role, **_program())
    client("codedeploy").create_application(applicationName="probe", computePlatform="Lambda")
    api = client("apigatewayv2").create_api(Name="probe", ProtocolType="HTTP")["ApiId"]
    client("logs").create_log_group(logGroupName="probe")
    return role, api, client("sns").create_topic(Name="probe")["TopicArn"]


def _mistakes(role, api, topic):
    """For each type: the mistake in words, and the call that makes it."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "nonsense", "Resource": "*"}]})
    integration = {"get": {"x-amazon-apigateway-integration": {"type": "nonsense", "uri": "nonsense"}, "responses": {}}}
    gateway = json.dumps({"openapi": "3.0.1", "info": {"title": "probe", "version": "1"}, "paths": {"/": integration}})
    alarm = {"AlarmName": "probe", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "EvaluationPeriods": 1, "Threshold": 1.0}
    target = {"Arn": "arn:aws:lambda:eu-central-1:123456789012:function:probe", "RoleArn": role}
    origin = {"Id": "o", "DomainName": "example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}
    distribution = {"CallerReference": "probe", "Enabled": True, "Comment": "", "Origins": {"Quantity": 1, "Items": [origin]},
                    "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "nonsense"}}
    return {
        "DynamoDB::Table": ("a key that is not defined", "dynamodb", "create_table", {
            "TableName": "probe", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "b", "AttributeType": "S"}]}),
        "KMS::Key": ("a policy that is not JSON", "kms", "create_key", {"Policy": "{"}),
        "SQS::Queue": ("a retention of a second", "sqs", "create_queue", {"QueueName": "probe", "Attributes": {"MessageRetentionPeriod": "1"}}),
        "Logs::LogGroup": ("a retention of two days", "logs", "put_retention_policy", {"logGroupName": "probe", "retentionInDays": 2}),
        "IAM::Role": ("a policy with an action of no service", "iam", "put_role_policy", {
            "RoleName": "probe", "PolicyName": "probe", "PolicyDocument": policy}),
        "Lambda::Function": ("a timeout of hours", "lambda", "create_function", {"FunctionName": "probe2", "Role": role, "Timeout": 10000, **_program()}),
        "Lambda::Alias": ("a version that is not there", "lambda", "create_alias", {"FunctionName": "probe", "Name": "live", "FunctionVersion": "9"}),
        "Lambda::Permission": ("an action of no service", "lambda", "add_permission", {
            "FunctionName": "probe", "StatementId": "probe", "Action": "nonsense", "Principal": "*"}),
        "Lambda::EventInvokeConfig": ("nine retries", "lambda", "put_function_event_invoke_config", {"FunctionName": "probe", "MaximumRetryAttempts": 9}),
        "Lambda::EventSourceMapping": ("a stream that is not there", "lambda", "create_event_source_mapping", {
            "FunctionName": "probe", "EventSourceArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/none/stream/1", "StartingPosition": "LATEST"}),
        "CodeDeploy::Application": ("a platform that is not there", "codedeploy", "create_application", {
            "applicationName": "probe2", "computePlatform": "nonsense"}),
        "CodeDeploy::DeploymentGroup": ("a configuration that is not there", "codedeploy", "create_deployment_group", {
            "applicationName": "probe", "deploymentGroupName": "probe", "serviceRoleArn": role, "deploymentConfigName": "nonsense"}),
        "ApiGatewayV2::Api": ("an integration of no kind", "apigatewayv2", "reimport_api", {"ApiId": api, "Body": gateway}),
        "ApiGatewayV2::Stage": ("a throttle below zero", "apigatewayv2", "create_stage", {
            "ApiId": api, "StageName": "probe", "DefaultRouteSettings": {"ThrottlingRateLimit": -1.0}}),
        "CloudFront::Function": ("code with a syntax error", "cloudfront", "create_function", {
            "Name": "probe", "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"}, "FunctionCode": b"{{{"}),
        "CloudFront::Distribution": ("a cache policy that is not there", "cloudfront", "create_distribution", {"DistributionConfig": distribution}),
        "Scheduler::Schedule": ("a rate that is not one", "scheduler", "create_schedule", {
            "Name": "probe", "ScheduleExpression": "nonsense", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}),
        "SNS::Topic": ("a name with a space", "sns", "create_topic", {"Name": "a b"}),
        "SNS::Subscription": ("an address that is not one", "sns", "subscribe", {"TopicArn": topic, "Protocol": "email", "Endpoint": "nonsense"}),
        "Events::Rule": ("a pattern that is not JSON", "events", "put_rule", {"Name": "probe", "EventPattern": "{"}),
        "CloudWatch::Alarm": ("a comparison of no kind", "cloudwatch", "put_metric_alarm", {**alarm, "Period": 60, "ComparisonOperator": "nonsense"}),
        "CloudWatch::Dashboard": ("a body that is not JSON", "cloudwatch", "put_dashboard", {"DashboardName": "probe", "DashboardBody": "{"}),
    }


def try_all(cloud):
    """The types of which moto sees the mistake, and those of which it takes it, each with the mistake."""
    seen, taken = {}, {}
    for kind, (mistake, service, operation, given) in _mistakes(*_prepare(cloud.client)).items():
        try:
            getattr(cloud.client(service), operation)(**given)
        except (BotoCoreError, ClientError):
            seen[kind] = mistake
        else:
            taken[kind] = mistake
    return seen, taken
