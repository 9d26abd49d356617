"""A creation that fails in a new account, and the first deployment."""

import platform
from collections import Counter

import server
from formation import front

UNVERIFIED = ("Resource handler returned message: \"Access denied for operation 'AWS::CloudFront::Distribution: Your account must be verified "
              "before you can add new CloudFront resources.'\"")


# The functions are run later, so they are built for this machine.
ARCH = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def a_creation_that_fails(r):
    """A creation that fails: the account is new, and CloudFront does not know it yet."""
    server.CONCURRENCY["limit"] = 10
    front.ACCOUNT.faults["Distribution"] = UNVERIFIED
    code, said = r.deploy(ARCH=ARCH)
    server.CONCURRENCY["limit"] = 1000
    r.check("make deploy fails, and prints AWS's reason", code != 0 and UNVERIFIED in said, said)
    r.check("it has seen that this account cannot reserve concurrency", "ReserveConcurrency=false: this account has 10" in said, said)
    r.check("the stack is ROLLBACK_COMPLETE", r.account.described()["StackStatus"] == "ROLLBACK_COMPLETE")
    tables = r.account.tables()
    r.check("the three tables are left, and nothing else", len(tables) == 3 and not r.account.rest() and not r.account.keys(),
            f"tables {tables}, keys {r.account.keys()}, besides {r.account.rest()}")
    r.check("make deploy lists what is left, by name", all(f"  {t} (" in said for t in tables), said)
    code, again = r.deploy(ARCH=ARCH)
    r.check("run once more, it lists that again before it builds", code != 0 and all(f"  {t} (" in again for t in tables) and "Building" not in again, again)
    commands = "\n".join(line for line in said.splitlines() if line.startswith("  aws "))
    r.shell("the commands that it has printed", commands)
    r.check("nothing is left", not r.account.tables() and r.account.stack is None, r.account.tables())


def the_first_deployment(r):
    """The first deployment."""
    r.build = "kept"
    code, said = r.deploy(ARCH=ARCH, TAGS="team=platform", PARAMS="AlarmEmail=ops@example.com")
    r.check("make deploy ends well", code == 0, said)
    stack = r.account.described()
    r.check("the stack is CREATE_COMPLETE, and protected from being deleted",
            stack["StackStatus"] == "CREATE_COMPLETE" and stack["EnableTerminationProtection"])
    r.first = Counter(x.kind for x in r.account.stack.resources.values() if x.made)
    r.check("moto's APIs have taken every resource of the template", sum(r.first.values()) == len(r.account.stack.template.resources))
    outputs = r.account.outputs()
    r.check("it prints the address, which is the output BaseUrl", f"keepsake is at {outputs['BaseUrl']}\n" in said, said)
    r.check("every function has one version, which callers reach", set(r.account.live().values()) == {1} == set(r.account.versions().values()))
    r.check("CodeDeploy had nothing to do", r.account.deployments() == 0)
    check_tags(r)
    check_keys(r)
    reserved = [n for n, f in r.account.functions().items() if r.account.client("lambda").get_function_concurrency(FunctionName=f).get("ReservedConcurrentExecutions")]
    r.check("three jobs have reserved an execution each", len(reserved) == 3, reserved)


def check_tags(r):
    """The tag of the first deployment is still there."""
    stack = {t["Key"]: t["Value"] for t in r.account.described()["Tags"]}
    table = r.account.tags(r.account.outputs()["SecretsTableName"])
    r.check("the stack and the table have their tag", stack == {"team": "platform"} and table.get("team") == "platform", f"{stack}, {table}")


def check_keys(r):
    """Each function accepts the key that CloudFront shows, and nobody was shown a key."""
    shown = r.account.shown_key()
    asked = {n: v for n, v in r.account.variables().items() if "ORIGIN_KEY" in v}
    r.check("every function accepts the key that CloudFront shows", all(shown in (v["ORIGIN_KEY"], v["ORIGIN_KEY_NEXT"]) for v in asked.values()))
    keys = {v[k] for v in asked.values() for k in ("ORIGIN_KEY", "ORIGIN_KEY_NEXT")}
    r.check("no key was printed", not any(k in said for k in keys for said in r.said))
