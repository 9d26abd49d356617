"""What CloudFormation does with each type of resources, by the API of its service.

A type is a class with create, and with update and delete if its resources can be changed and deleted. All of them get
the service's answers from moto, through boto3.
"""

from kinds import data, deployment, door, functions, watch

KINDS = {name: kind for module in (data, deployment, door, functions, watch) for name, kind in module.KINDS.items()}
