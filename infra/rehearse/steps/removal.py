"""The removal, as deploy.md describes it."""

import re

from rehearsal import STACK, blocks

PAGE, HEADING = "infra/docs/deploy.md", "## Removing a stack"
WAIT = f"\naws cloudformation wait stack-delete-complete --stack-name {STACK}\n"


def the_removal(r):
    """The removal, by the commands of deploy.md."""
    code, said = r.run(["aws", "cloudformation", "delete-stack", "--stack-name", STACK])
    r.check("a stack that is protected is not deleted", code != 0 and "TerminationProtection" in said and r.account.stack.status != "DELETE_COMPLETE", said)
    tables, keys = set(r.account.tables()), set(r.account.keys())
    said = r.shell(f"the first commands of {PAGE}", blocks(PAGE, HEADING)[0] + WAIT)
    r.names = dict(re.findall(r"\|\s+(\w+(?:Table|Key))\s+\|\s+(\S+)\s+\|", said))
    r.check("they print the names of three tables and two keys", set(r.names.values()) == tables | keys and len(r.names) == 5, said)
    r.check("these stay", set(r.account.tables()) == tables and set(r.account.keys()) == keys)
    r.check("nothing else of the stack does", not r.account.rest() and r.account.stack is None, r.account.rest())
    secrets = r.account.client("dynamodb").describe_table(TableName=r.names["SecretsTable"])["Table"]
    r.check("the tables are protected from being deleted", secrets["DeletionProtectionEnabled"])


def the_end(r):
    """To erase everything."""
    names = {"secrets": "SecretsTable", "audit": "AuditTable", "tokens": "TokensTable", "encryption_key": "EncryptionKey", "fingerprint_key": "FingerprintKey"}
    variables = "".join(f"{variable}={r.names[resource]}\n" for variable, resource in names.items())
    r.shell(f"the last commands of {PAGE}", variables + blocks(PAGE, HEADING)[1])
    r.check("no table is left, and the keys wait for their end", not r.account.tables() and not r.account.keys())
