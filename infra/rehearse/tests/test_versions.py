"""Lambda's versions as CloudFormation meets them, on moto's server. The other kinds are what the rehearsal itself runs."""

import io
import json
import unittest
import zipfile

import server
from kinds.cloud import Cloud
from kinds.functions import Function, Version

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Versions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(server.start(), "s")
        cls.role = cls.cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]

        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("bootstrap", "")
        cls.code = {"ZipFile": archive.getvalue()}

    def properties(self, **variables):
        return {"Runtime": "provided.al2023", "Handler": "bootstrap", "Role": self.role, "Code": self.code,
                "Architectures": ["arm64"], "Environment": {"Variables": variables}}

    def publish(self, made):
        return Version.create(self.cloud, "V", {"FunctionName": made.physical}).attributes["Version"]

    def test_the_content_of_the_newest_version_is_not_published_again(self):
        first, second = self.properties(DAYS="30"), self.properties(DAYS="14")
        function = Function.create(self.cloud, "F", first)
        self.assertEqual(self.publish(function), "1")
        with self.assertRaisesRegex(ValueError, r"A version for this Lambda function exists \( 1 \)"):
            self.publish(function)
        Function.update(self.cloud, function, first, second)
        self.assertEqual(self.publish(function), "2")
        Function.update(self.cloud, function, second, first)  # a rollback
        Function.update(self.cloud, function, first, second)  # the same change again
        with self.assertRaisesRegex(ValueError, r"exists \( 2 \)"):
            self.publish(function)
