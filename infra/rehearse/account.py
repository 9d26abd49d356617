"""A look at what is in the account: by the services' own APIs, as anybody could."""

import base64
import io
import zipfile

from formation import front
from kinds.cloud import Cloud


class Account:
    def __init__(self, url, stack):
        self.cloud = Cloud(url, stack)
        self.name = stack

    def client(self, service):
        return self.cloud.client(service)

    @property
    def stack(self):
        return front.ACCOUNT.find(self.name)

    def described(self):
        return self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]

    def outputs(self):
        return {o["OutputKey"]: o["OutputValue"] for o in self.described().get("Outputs", [])}

    def tables(self):
        return self.client("dynamodb").list_tables()["TableNames"]

    def keys(self):
        """The ids of keys that nobody has scheduled to be deleted."""
        kms = self.client("kms")
        found = [kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in kms.list_keys()["Keys"]]
        return [k["KeyId"] for k in found if k["KeyManager"] == "CUSTOMER" and k["KeyState"] == "Enabled"]

    def functions(self):
        """The names of the stack's functions, by logical id."""
        return {n: r.made.physical for n, r in self.stack.resources.items() if r.kind == "AWS::Lambda::Function" and r.made}

    def live(self):
        """The version that callers of each function reach, by the function's logical id."""
        aws = self.client("lambda")
        return {n: int(aws.get_alias(FunctionName=f, Name="live")["FunctionVersion"]) for n, f in self.functions().items()}

    def versions(self):
        """How many versions of each function there are."""
        aws = self.client("lambda")
        return {n: len(aws.list_versions_by_function(FunctionName=f)["Versions"]) - 1 for n, f in self.functions().items()}

    def variables(self):
        """The environment that callers of each function meet, by the function's logical id."""
        aws = self.client("lambda")
        return {n: aws.get_function_configuration(FunctionName=f, Qualifier="live")["Environment"]["Variables"]
                for n, f in self.functions().items()}

    def shown_key(self):
        """The key that CloudFront adds to requests."""
        distribution = self.stack.resources["Distribution"].made.physical
        config = self.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
        headers = config["Origins"]["Items"][0]["CustomHeaders"]["Items"]
        return next(h["HeaderValue"] for h in headers if h["HeaderName"] == "x-origin-key")

    def rows(self, output):
        return self.client("dynamodb").scan(TableName=self.outputs()[output])["Items"]

    def tags(self, table):
        dynamodb = self.client("dynamodb")
        arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
        return {t["Key"]: t["Value"] for t in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]}

    def deployments(self):
        """How many deployments CodeDeploy has got."""
        return len(self.client("codedeploy").list_deployments()["deployments"])

    def code(self, function):
        """The program that callers of a function reach, out of what SAM has uploaded."""
        resource = self.stack.resources[function]
        code = resource.properties["Code"]
        archive = self.client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["Body"].read()
        return zipfile.ZipFile(io.BytesIO(archive)).read("bootstrap")

    def stream(self):
        """The records of the secrets table's stream, as Lambda hands them to a function."""
        streams = self.client("dynamodbstreams")
        arn = self.stack.resources["SecretsTable"].made.attributes["StreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = streams.get_records(ShardIterator=start)["Records"]
        for record in records:
            image = record["dynamodb"]
            image["ApproximateCreationDateTime"] = image["ApproximateCreationDateTime"].timestamp()
            for name in image.keys() & {"Keys", "NewImage", "OldImage"}:
                image[name] = {k: _plain(v) for k, v in image[name].items()}
            record["eventSourceARN"] = arn
        return records

    def rest(self):
        """The names of all that a stack makes and that no policy keeps."""
        found = []
        for service, operation, key, name in LISTS:
            listed = getattr(self.client(service), operation)().get(key) or []
            found += [x[name] if name else x for x in listed]
        distributions = self.client("cloudfront").list_distributions()["DistributionList"]
        return found + [d["Id"] for d in distributions.get("Items", [])]


# How each service lists what a stack makes: the call, and where its response has the names.
LISTS = (
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
)


def _plain(value):
    """An attribute of a row as JSON: bytes are base64."""
    (kind, content), = value.items()
    if kind == "B":
        return {kind: base64.b64encode(content).decode()}
    if kind == "M":
        return {kind: {k: _plain(v) for k, v in content.items()}}
    if kind == "L":
        return {kind: [_plain(v) for v in content]}
    return value
