"""What a change set says, and what an update, a rollback and a removal do to resources, with a service that takes everything."""

import unittest
from unittest import mock

from formation import execute, schema
from formation.stack import Stack
from formation.template import Refused
from kinds.cloud import Made

TEMPLATE = """
Parameters:
  Days: {Type: Number, Default: 30, MaxValue: 365}
  Name: {Type: String, Default: one}
  Key: {Type: String, NoEcho: true, Default: hidden}
Resources:
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Ref Name, RetentionInDays: !Ref Days}}
  Topic: {Type: "AWS::SNS::Topic", DeletionPolicy: POLICY, Properties: {DisplayName: !GetAtt Logs.Arn}}
"""


class Service:
    """Takes everything, and keeps a list of its calls."""

    def __init__(self):
        self.calls, self.made = [], 0

    def create(self, _cloud, logical, properties):
        self.made += 1
        self.calls.append(("create", logical))
        return Made(f"{logical}-{self.made}", {"Arn": f"arn-of-{properties.get('LogGroupName')}"})

    def update(self, _cloud, made, _old, new):
        self.calls.append(("update", made.physical, new.get("RetentionInDays")))

    def delete(self, _cloud, made):
        self.calls.append(("delete", made.physical))


class Changing(unittest.TestCase):
    def setUp(self):
        self.service = Service()
        kinds = {"AWS::Logs::LogGroup": self.service, "AWS::SNS::Topic": self.service}
        patch = mock.patch.object(execute, "KINDS", kinds)
        patch.start()
        self.addCleanup(patch.stop)
        self.stack = Stack("s", None)

    def change_set(self, policy="Delete", tags=None, text=TEMPLATE, **given):
        return self.stack.add_set("c", text.replace("POLICY", policy), given, tags or {}, None)

    def create(self, **given):
        execute.Execution(self.stack).create(self.change_set(**given))
        self.assertEqual(self.stack.status, "CREATE_COMPLETE")
        self.service.calls.clear()

    def update(self, change_set, faults=None):
        execute.Execution(self.stack, faults).update(change_set)

    def test_the_same_again_changes_nothing(self):
        self.create()
        self.assertEqual(self.change_set().changes, [])

    def test_a_value_reaches_only_the_resource_that_uses_it(self):
        self.create()
        changed = self.change_set(Days="14")
        self.assertEqual([(c.action, c.logical, c.replacement) for c in changed.changes], [("Modify", "Logs", "False")])
        self.update(changed)
        self.assertEqual(self.service.calls, [("update", "Logs-1", 14)])

    def test_a_replacement_is_followed_and_deletes_the_old_resource_last(self):
        self.create()
        changed = self.change_set(Name="two")
        self.assertEqual([(c.logical, c.replacement) for c in changed.changes], [("Logs", "True"), ("Topic", "False")])
        self.update(changed)
        self.assertEqual([c[0] for c in self.service.calls], ["create", "update", "delete"])
        self.assertEqual(self.service.calls[-1], ("delete", "Logs-1"))

    def test_another_tag_changes_every_resource_that_has_tags(self):
        self.create()
        self.assertEqual({c.logical for c in self.change_set(tags={"team": "x"}).changes}, {"Logs", "Topic"})

    def test_a_value_that_is_not_given_is_kept_if_the_stack_is_asked_for_it(self):
        self.create(Days="14")
        self.assertEqual(self.change_set(Days=None).template.values["Days"], "14")
        self.assertEqual(self.change_set().template.values["Days"], "30")

    def test_a_failed_update_leaves_the_former_state(self):
        self.create()
        self.update(self.change_set(Days="14", Name="two"), {"Topic": "no"})
        self.assertEqual(self.stack.status, "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(self.stack.resources["Logs"].made.physical, "Logs-1")
        self.assertEqual((self.stack.values()["Days"], self.stack.values()["Name"]), ("30", "one"))
        self.assertEqual(self.service.calls, [("create", "Logs"), ("delete", "Logs-3")])

    def test_a_failed_creation_deletes_what_it_has_made_unless_the_policy_is_retain(self):
        for policy, want in (("Delete", ["Topic-2", "Logs-1"]), ("RetainExceptOnCreate", ["Topic-2", "Logs-1"]), ("Retain", ["Logs-1"])):
            self.setUp()
            changed = self.change_set(policy, text=TEMPLATE + "  Last: {Type: AWS::SNS::Topic, DependsOn: Topic}\n")
            execute.Execution(self.stack, {"Last": "no"}).create(changed)
            self.assertEqual(self.stack.status, "ROLLBACK_COMPLETE")
            self.assertEqual([c[1] for c in self.service.calls if c[0] == "delete"], want, policy)

    def test_a_removal_keeps_what_a_policy_retains(self):
        for policy, want in (("Delete", ["Topic-2", "Logs-1"]), ("RetainExceptOnCreate", ["Logs-1"]), ("Retain", ["Logs-1"])):
            self.setUp()
            self.create(policy=policy)
            execute.Execution(self.stack).remove()
            self.assertEqual(self.stack.status, "DELETE_COMPLETE")
            self.assertEqual([c[1] for c in self.service.calls], want, policy)

    def test_a_property_that_awss_schema_refuses_fails_the_resource(self):
        execute.Execution(self.stack).create(self.change_set(Days="2"))
        self.assertEqual(self.stack.status, "ROLLBACK_COMPLETE")
        self.assertIn("RetentionInDays", next(e["ResourceStatusReason"] for e in self.stack.events if e["ResourceStatus"] == "CREATE_FAILED"))

    def test_a_type_without_a_class_says_what_to_add(self):
        execute.Execution(self.stack).create(self.change_set(text=TEMPLATE + '  Queue: {Type: "AWS::SQS::Queue"}\n'))
        self.assertIn("infra/rehearse/kinds has no class for AWS::SQS::Queue: add one", str(self.stack.events))

    def test_a_hidden_parameter_is_not_shown(self):
        self.create()
        self.assertEqual(self.stack.template.shown()["Key"], "****")

    def test_a_value_outside_its_bounds_makes_no_change_set(self):
        for wrong in ({"Days": "366"}, {"Nobody": "x"}):
            with self.assertRaises(Refused):
                self.change_set(**wrong)


class Schemas(unittest.TestCase):
    def test_texts_become_what_the_schema_wants(self):
        self.assertEqual(schema.coerced("AWS::Lambda::Function", {"Timeout": "10", "Description": 7, "Code": {"ZipFile": "1"}}),
                         {"Timeout": 10, "Description": "7", "Code": {"ZipFile": "1"}})

    def test_what_cannot_be_updated_is_replaced(self):
        self.assertEqual(schema.replacement("AWS::Logs::LogGroup", {"LogGroupName"}), "True")
        self.assertEqual(schema.replacement("AWS::DynamoDB::Table", {"KeySchema"}), "Conditional")
        self.assertEqual(schema.replacement("AWS::Logs::LogGroup", {"RetentionInDays"}), "False")

    def test_a_resources_own_tag_wins_over_the_stacks(self):
        tagged = schema.with_tags("AWS::SNS::Topic", {"Tags": [{"Key": "a", "Value": "own"}]}, {"a": "stack", "b": "stack"})
        self.assertEqual(tagged["Tags"], [{"Key": "a", "Value": "own"}, {"Key": "b", "Value": "stack"}])
