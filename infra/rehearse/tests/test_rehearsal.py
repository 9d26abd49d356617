"""What the steps read: a change set as make deploy prints it, a page's commands, what moto lacks."""

import importlib
import os
import unittest
from unittest import mock

from kinds.cloud import LACKS
from rehearsal import SETTINGS, Rehearsal, blocks, rows
from steps.removal import HEADING, PAGE

SUMMARY = """Uploading them, and asking CloudFormation what would change.

The change set samcli-deploy1 would change keepsake:

                                        added  modified  removed
  AWS::Lambda::Alias                                 25
  AWS::Lambda::Version                     25                 25
  all                                      25        25       25

Next.
"""


class Reading(unittest.TestCase):
    def test_a_change_set_is_read_by_its_columns(self):
        self.assertEqual(rows(SUMMARY), {
            "AWS::Lambda::Alias": {"modified": 25}, "AWS::Lambda::Version": {"added": 25, "removed": 25},
            "all": {"added": 25, "modified": 25, "removed": 25}})

    def test_without_a_change_set_there_are_no_rows(self):
        self.assertEqual(rows("There is nothing to change.\n"), {})

    def test_the_pages_commands_are_those_of_the_section_alone(self):
        first, last = blocks(PAGE, HEADING)
        self.assertIn("delete-stack", first)
        self.assertIn("schedule-key-deletion", last)
        with self.assertRaises(ValueError):
            blocks(PAGE, "## Nothing of this name")

    def test_what_moto_is_said_to_lack_it_lacks(self):
        classes = {"apigatewayv2": "ApiGatewayV2Response", "cloudfront": "CloudFrontResponse", "codedeploy": "CodeDeployResponse"}
        for service, operation in LACKS:
            response = getattr(importlib.import_module(f"moto.{service}.responses"), classes[service])
            self.assertFalse(hasattr(response, operation), f"moto has {service}:{operation} by now")

    def test_no_setting_of_the_user_reaches_a_command(self):
        with mock.patch.dict(os.environ, {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL_STS": "https://sts.amazonaws.com", "STACK": "live", "PATH": "/bin"}):
            environment = Rehearsal("http://127.0.0.1:1").environment
        self.assertEqual(environment["PATH"], "/bin")
        self.assertFalse({"AWS_PROFILE", "AWS_ENDPOINT_URL_STS", *SETTINGS} & environment.keys() - {"SAM"})
