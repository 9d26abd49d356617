"""A secret's life by the client that openapi-python-client makes from the document."""

import os

from keepsake.api.secrets import secrets_create, secrets_delete, secrets_get, secrets_undelete, secrets_update
from keepsake.api.versions import names_access_version, secrets_access_version
from keepsake.client import AuthenticatedClient
from keepsake.models import ErrorCode, Errors, Secret, SecretCreate, SecretCreateKind, SecretUpdate, SecretValue

client = AuthenticatedClient(base_url=os.environ["KEEPSAKE_URL"], token=os.environ["KEEPSAKE_TOKEN"])
NAME = "python/100%?"  # a path must not be read as another one
VALUE = "a value of Python's"

created = secrets_create.sync(
    client=client, body=SecretCreate(name=NAME, kind=SecretCreateKind.GENERIC, value=VALUE)
)
assert isinstance(created, Secret), created

deleted = secrets_delete.sync_detailed(created.id, client=client, if_match=created.etag)
assert deleted.status_code == 204, deleted
found = secrets_get.sync(created.id, client=client)
assert isinstance(found, Secret) and found.state == "soft_deleted", found

restored = secrets_undelete.sync(created.id, client=client, if_match=found.etag)
assert isinstance(restored, Secret) and restored.state == "active", restored

read = secrets_access_version.sync(created.id, "latest", client=client)
assert isinstance(read, SecretValue) and read.value == VALUE

named = names_access_version.sync(NAME, "latest", client=client)
assert isinstance(named, SecretValue) and named.value == VALUE

stale = secrets_update.sync_detailed(
    created.id, client=client, if_match=created.etag, body=SecretUpdate(description="too late")
)
assert stale.status_code == 409, stale
assert isinstance(stale.parsed, Errors), stale
assert stale.parsed.errors[0].code == ErrorCode.CONFLICT, stale.parsed
assert stale.parsed.errors[0].metadata.additional_properties["reason"] == "ABORTED", stale.parsed
print("python: created, deleted, undeleted, read, by its name too; a stale If-Match is refused")
