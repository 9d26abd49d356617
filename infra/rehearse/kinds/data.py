"""Tables, keys, queues, log groups, and the bucket that SAM makes."""

import json

from kinds.cloud import Made


class Table:
    @staticmethod
    def create(cloud, logical, p):
        dynamodb = cloud.client("dynamodb")
        name = cloud.name(logical)
        own = {k: v for k, v in p.items() if k not in ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")}
        if "StreamSpecification" in own:
            own["StreamSpecification"] = {**own["StreamSpecification"], "StreamEnabled": True}
        made = dynamodb.create_table(TableName=name, **own)["TableDescription"]
        Table._set(dynamodb, name, {}, p)
        return Made(name, {"Arn": made["TableArn"], "StreamArn": made.get("LatestStreamArn")})

    @staticmethod
    def _set(dynamodb, name, old, new):
        ttl, backups = "TimeToLiveSpecification", "PointInTimeRecoverySpecification"
        if new.get(ttl) != old.get(ttl):
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=new[ttl])
        if new.get(backups) != old.get(backups):
            dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=new[backups])

    @staticmethod
    def update(cloud, made, old, new):
        dynamodb = cloud.client("dynamodb")
        Table._set(dynamodb, made.physical, old, new)
        own = ("BillingMode", "DeletionProtectionEnabled")
        changed = {k: new[k] for k in own if new.get(k) != old.get(k)}
        if changed:
            dynamodb.update_table(TableName=made.physical, **changed)

    @staticmethod
    def delete(cloud, made):
        cloud.client("dynamodb").delete_table(TableName=made.physical)


class Key:
    @staticmethod
    def create(cloud, _logical, p):
        kms = cloud.client("kms")
        given = {k: p[k] for k in ("Description", "KeySpec", "KeyUsage", "MultiRegion") if k in p}
        tags = [{"TagKey": t["Key"], "TagValue": t["Value"]} for t in p.get("Tags", [])]
        made = kms.create_key(Policy=json.dumps(p["KeyPolicy"]), Tags=tags, **given)["KeyMetadata"]
        if p.get("EnableKeyRotation"):
            kms.enable_key_rotation(KeyId=made["KeyId"])
        return Made(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})

    @staticmethod
    def update(cloud, made, old, new):
        kms = cloud.client("kms")
        if new["KeyPolicy"] != old["KeyPolicy"]:
            kms.put_key_policy(KeyId=made.physical, PolicyName="default", Policy=json.dumps(new["KeyPolicy"]))
        if new["Description"] != old["Description"]:
            kms.update_key_description(KeyId=made.physical, Description=new["Description"])
        if new.get("MultiRegion") != old.get("MultiRegion"):
            raise ValueError("MultiRegion cannot be updated")

    @staticmethod
    def delete(cloud, made):
        cloud.client("kms").schedule_key_deletion(KeyId=made.physical, PendingWindowInDays=30)


class Queue:
    @staticmethod
    def create(cloud, logical, p):
        sqs = cloud.client("sqs")
        name = cloud.name(logical, 80)
        tags = {t["Key"]: t["Value"] for t in p.get("Tags", [])}
        url = sqs.create_queue(QueueName=name, Attributes=Queue._attributes(p), tags=tags)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})

    @staticmethod
    def _attributes(p):
        return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in p.items() if k != "Tags"}

    @staticmethod
    def update(cloud, made, _old, new):
        cloud.client("sqs").set_queue_attributes(QueueUrl=made.physical, Attributes=Queue._attributes(new))

    @staticmethod
    def delete(cloud, made):
        cloud.client("sqs").delete_queue(QueueUrl=made.physical)


class LogGroup:
    @staticmethod
    def create(cloud, _logical, p):
        logs, name = cloud.client("logs"), p["LogGroupName"]
        tags = {t["Key"]: t["Value"] for t in p.get("Tags", [])}
        logs.create_log_group(logGroupName=name, **({"tags": tags} if tags else {}))
        logs.put_retention_policy(logGroupName=name, retentionInDays=p["RetentionInDays"])
        found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return Made(name, {"Arn": next(g["arn"] for g in found if g["logGroupName"] == name)})

    @staticmethod
    def update(cloud, made, _old, new):
        cloud.client("logs").put_retention_policy(logGroupName=made.physical, retentionInDays=new["RetentionInDays"])

    @staticmethod
    def delete(cloud, made):
        cloud.client("logs").delete_log_group(logGroupName=made.physical)


class Bucket:
    @staticmethod
    def create(cloud, logical, p):
        s3 = cloud.client("s3")
        name = cloud.name(logical, 63).lower()
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
        if "VersioningConfiguration" in p:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=p["VersioningConfiguration"])
        return Made(name, {"Arn": f"arn:aws:s3:::{name}"})


class BucketPolicy:
    """SAM's bucket takes no HTTP without TLS. moto does not read that condition, and would refuse everything."""

    @staticmethod
    def create(_cloud, _logical, p):
        return Made(p["Bucket"])


KINDS = {
    "AWS::S3::Bucket": Bucket,
    "AWS::S3::BucketPolicy": BucketPolicy,
    "AWS::DynamoDB::Table": Table,
    "AWS::KMS::Key": Key,
    "AWS::SQS::Queue": Queue,
    "AWS::Logs::LogGroup": LogGroup,
}
