"""Functions and conditions of a template, and the order of its resources."""

import unittest

from formation.resolve import Scope, ordered, references


def scope(conditions=None, **values):
    template = {"Conditions": conditions or {}}
    return Scope(template, values, {"AWS::Region": "eu-central-1"}, lambda name: f"ref-{name}", lambda name, of: f"{name}-{of}")


class Resolving(unittest.TestCase):
    def test_each_function_gives_what_cloudformation_documents(self):
        s = scope({"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]}}, Name="x")
        for value, want in (
            ({"Ref": "Name"}, "x"),
            ({"Ref": "Table"}, "ref-Table"),
            ({"Fn::GetAtt": ["Edge", "Metadata.Arn"]}, "Edge-Metadata.Arn"),
            ({"Fn::GetAtt": "Edge.Arn"}, "Edge-Arn"),
            ({"Fn::Sub": "${Name}-${Table}-${Edge.Arn}-${AWS::Region}-${!Kept}"}, "x-ref-Table-Edge-Arn-eu-central-1-${Kept}"),
            ({"Fn::Sub": ["${Own}-${Name}", {"Own": {"Ref": "Table"}}]}, "ref-Table-x"),
            ({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}, "a-x"),
            ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
            ({"Fn::If": ["Has", "yes", "no"]}, "yes"),
        ):
            self.assertEqual(s.resolve(value), want, value)

    def test_a_property_without_a_value_is_left_out(self):
        none = {"Fn::If": ["Has", "x", {"Ref": "AWS::NoValue"}]}
        s = scope({"Has": {"Fn::Equals": ["a", "b"]}})
        self.assertEqual(s.resolve({"A": none, "B": [none, 1]}), {"B": [1]})

    def test_conditions_know_and_or_and_other_conditions(self):
        yes, no = {"Fn::Equals": [1, "1"]}, {"Fn::Equals": [1, 2]}
        s = scope({"Yes": yes, "And": {"Fn::And": [yes, no]}, "Or": {"Fn::Or": [no, {"Condition": "Yes"}]}})
        self.assertEqual([s.has(n) for n in ("Yes", "And", "Or")], [True, False, True])

    def test_an_unknown_function_is_refused(self):
        with self.assertRaises(ValueError):
            scope().resolve({"Fn::FindInMap": ["a", "b", "c"]})

    def test_references_do_not_count_a_subs_own_names(self):
        value = {"a": {"Fn::Sub": ["${Own}${Other.Arn}", {"Own": {"Ref": "Table"}}]}, "b": [{"Fn::GetAtt": ["Role", "Arn"]}]}
        self.assertEqual(references(value), {"Other", "Table", "Role"})

    def test_a_resource_comes_after_what_it_needs(self):
        resources = {"A": {"P": {"Ref": "B"}}, "B": {"DependsOn": "C"}, "C": {"P": {"Ref": "AWS::Region"}}}
        self.assertEqual(ordered(resources), ["C", "B", "A"])

    def test_a_circle_is_refused(self):
        with self.assertRaisesRegex(ValueError, "Circular"):
            ordered({"A": {"P": {"Ref": "B"}}, "B": {"DependsOn": ["A"]}})
