"""Updates: one without a change, one that fails, and the same again."""

from formation import front
from rehearsal import rows
from steps.creation import check_keys, check_tags

THROTTLED = "Rate exceeded (Service: AmazonCodeDeploy; Status Code: 400; Error Code: ThrottlingException)"


def an_unchanged_redeployment(r):
    """The same again, built anew."""
    r.build = "new"
    before = r.account.variables()
    code, said = r.deploy()
    r.build = "kept"
    r.check("make deploy says that there is nothing to change", code == 0 and "There is nothing to change: nothing was deployed." in said, said)
    r.check("no function has another version", set(r.account.versions().values()) == {1})
    r.check("nothing of a function's environment is different", r.account.variables() == before)
    check_tags(r)


def _with_retention(r):
    return {n for n, v in r.account.variables().items() if "RETENTION" in v}


def an_update_that_fails(r):
    """An update that fails while callers are moved: RetentionDays from 30 to 14."""
    front.ACCOUNT.faults["DeleteSecretFunctionAliaslive"] = THROTTLED
    before = r.account.variables()
    code, said = r.deploy(PARAMS="RetentionDays=14")
    r.check("make deploy fails, and prints AWS's reason", code != 0 and THROTTLED in said, said)
    stack = r.account.described()
    r.check("the stack is UPDATE_ROLLBACK_COMPLETE, with the former parameter",
            stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and {"ParameterKey": "RetentionDays", "ParameterValue": "30"} in stack["Parameters"], stack)
    r.check("callers meet what they met before", set(r.account.live().values()) == {1} and r.account.variables() == before)
    r.check("the new version of delete-secret is left beside it", r.account.versions()["DeleteSecretFunction"] == 2, r.account.versions())
    check_tags(r)
    check_keys(r)


def the_same_change_again(r):
    """The same change again, after AWS has recovered."""
    moved, deployments = _with_retention(r), r.account.deployments()
    code, said = r.deploy(PARAMS="RetentionDays=14")
    r.check("make deploy ends well: no version stands in its way", code == 0 and "exists" not in said, said)
    count = len(moved)
    r.check(f"the change set names {count} functions with version and alias, and nothing else", rows(said) == {
        "AWS::Lambda::Function": {"modified": count}, "AWS::Lambda::Alias": {"modified": count},
        "AWS::Lambda::Version": {"added": count, "removed": count}, "all": {"added": count, "modified": 2 * count, "removed": count}}, said)
    published = {n for n, v in r.account.live().items() if v > 1}
    r.check(f"only functions with a retention were published: {', '.join(sorted(moved))}", moved == published, published)
    r.check("callers meet the new retention", {v["RETENTION"] for v in r.account.variables().values() if "RETENTION" in v} == {"14d"})
    r.check("CodeDeploy has moved delete-secret; no caller waits for the job", r.account.deployments() - deployments == 1, r.account.deployments())
    check_tags(r)
