"""Schedules, alarms, topics, rules and the dashboard."""

import json

from kinds.cloud import Made


class Schedule:
    @staticmethod
    def create(cloud, _logical, p):
        arn = cloud.client("scheduler").create_schedule(**p)["ScheduleArn"]
        return Made(p["Name"], {"Arn": arn})

    @staticmethod
    def update(cloud, _made, _old, new):
        cloud.client("scheduler").update_schedule(**new)

    @staticmethod
    def delete(cloud, made):
        cloud.client("scheduler").delete_schedule(Name=made.physical)


class Topic:
    @staticmethod
    def create(cloud, logical, p):
        made = cloud.client("sns").create_topic(Name=cloud.name(logical), Attributes={"DisplayName": p["DisplayName"]}, Tags=p.get("Tags", []))
        return Made(made["TopicArn"], {"TopicArn": made["TopicArn"]})

    @staticmethod
    def update(cloud, made, _old, new):
        cloud.client("sns").set_topic_attributes(TopicArn=made.physical, AttributeName="DisplayName", AttributeValue=new["DisplayName"])

    @staticmethod
    def delete(cloud, made):
        cloud.client("sns").delete_topic(TopicArn=made.physical)


class Subscription:
    @staticmethod
    def create(cloud, _logical, p):
        made = cloud.client("sns").subscribe(TopicArn=p["TopicArn"], Protocol=p["Protocol"], Endpoint=p["Endpoint"], ReturnSubscriptionArn=True)
        return Made(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})

    @staticmethod
    def delete(cloud, made):
        cloud.client("sns").unsubscribe(SubscriptionArn=made.physical)


class TopicPolicy:
    @staticmethod
    def create(cloud, logical, p):
        TopicPolicy._set(cloud, p)
        return Made(cloud.name(logical))

    @staticmethod
    def _set(cloud, p):
        for topic in p["Topics"]:
            cloud.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(p["PolicyDocument"]))

    @staticmethod
    def update(cloud, _made, _old, new):
        TopicPolicy._set(cloud, new)

    @staticmethod
    def delete(_cloud, _made):
        """The policy ends with its topic."""


class Rule:
    @staticmethod
    def create(cloud, logical, p):
        name = cloud.name(logical, 64)
        return Made(name, {"Arn": Rule._put(cloud, name, p)})

    @staticmethod
    def _put(cloud, name, p):
        events = cloud.client("events")
        tags = {"Tags": p["Tags"]} if "Tags" in p else {}
        arn = events.put_rule(Name=name, Description=p["Description"], EventPattern=json.dumps(p["EventPattern"]), **tags)["RuleArn"]
        failed = events.put_targets(Rule=name, Targets=p["Targets"])["FailedEntries"]
        if failed:
            raise ValueError(f"a target of the rule was refused: {failed}")
        return arn

    @staticmethod
    def update(cloud, made, _old, new):
        Rule._put(cloud, made.physical, new)

    @staticmethod
    def delete(cloud, made):
        events = cloud.client("events")
        targets = events.list_targets_by_rule(Rule=made.physical)["Targets"]
        events.remove_targets(Rule=made.physical, Ids=[t["Id"] for t in targets])
        events.delete_rule(Name=made.physical)


class Alarm:
    @staticmethod
    def create(cloud, logical, p):
        name = p.get("AlarmName") or cloud.name(logical)
        return Made(name, {"Arn": Alarm._put(cloud, name, p)})

    @staticmethod
    def _put(cloud, name, p):
        cloudwatch = cloud.client("cloudwatch")
        cloudwatch.put_metric_alarm(**{**p, "AlarmName": name})
        return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]

    @staticmethod
    def update(cloud, made, _old, new):
        Alarm._put(cloud, made.physical, new)

    @staticmethod
    def delete(cloud, made):
        cloud.client("cloudwatch").delete_alarms(AlarmNames=[made.physical])


class Dashboard:
    @staticmethod
    def create(cloud, _logical, p):
        json.loads(p["DashboardBody"])  # moto takes any text
        cloud.client("cloudwatch").put_dashboard(DashboardName=p["DashboardName"], DashboardBody=p["DashboardBody"])
        return Made(p["DashboardName"])

    @staticmethod
    def update(cloud, _made, _old, new):
        Dashboard.create(cloud, "", new)

    @staticmethod
    def delete(cloud, made):
        cloud.client("cloudwatch").delete_dashboards(DashboardNames=[made.physical])


KINDS = {
    "AWS::Scheduler::Schedule": Schedule,
    "AWS::SNS::Topic": Topic,
    "AWS::SNS::Subscription": Subscription,
    "AWS::SNS::TopicPolicy": TopicPolicy,
    "AWS::Events::Rule": Rule,
    "AWS::CloudWatch::Alarm": Alarm,
    "AWS::CloudWatch::Dashboard": Dashboard,
}
