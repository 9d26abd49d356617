"""Tokens and trusts of the deployed stack."""

from rehearsal import STACK

ISSUER = "https://token.actions.githubusercontent.com"


def tokens_and_trusts(r):
    """Tokens and trusts, by whoever has rights in the account."""
    code, said = r.run(["make", "-s", "token"], STACK=STACK, WORKSPACE="ws_x", DESCRIPTION="of the rehearsal", EXPIRES="90d")
    token = next((line for line in said.splitlines() if line.startswith("sk_akua_")), "")
    r.check("make token prints a token", code == 0 and token, said)
    rows = r.account.rows("TokensTableName")
    r.check("its row is in the stack's table, without the token", len(rows) == 1 and token not in str(rows), rows)
    code, said = r.run(["make", "-s", "tokens"], STACK=STACK)
    r.check("make tokens lists it, without the token", code == 0 and "of the rehearsal" in said and token not in said, said)
    code, said = r.run(["make", "-s", "trust"], STACK=STACK, ISSUER=ISSUER, AUDIENCE="keepsake", SUB="repo:acme/app:*", WORKSPACE="ws_x",
                       SCOPES="secrets:access", EXPIRES="90d")
    r.check("make trust makes a trust", code == 0 and "tru_" in said, said)
    code, said = r.run(["make", "-s", "trusts"], STACK=STACK)
    r.check("make trusts lists it", code == 0 and "repo:acme/app:*" in said, said)
