"""Another origin key, in two steps."""

from formation import front
from rehearsal import rows
from steps.creation import check_keys, check_tags


class Watch:
    """Looks after each alias and each distribution that CloudFormation has changed whether a request could be refused."""

    def __init__(self, r):
        self.account, self.looks, self.refused = r.account, 0, []

    def __call__(self, resource):
        if resource.kind not in ("AWS::Lambda::Alias", "AWS::CloudFront::Distribution"):
            return
        self.looks += 1
        shown = self.account.shown_key()
        for name, v in self.account.variables().items():
            if "ORIGIN_KEY" in v and shown not in (v["ORIGIN_KEY"], v["ORIGIN_KEY_NEXT"]):
                self.refused.append(f"{name} after {resource.logical}")


def _rotate(r, step):
    watch = Watch(r)
    front.ACCOUNT.observer = watch
    code, said = r.deploy(ROTATE_ORIGIN_KEY=step)
    front.ACCOUNT.observer = None
    r.check("make deploy ends well", code == 0, said)
    r.check(f"at none of {watch.looks} moments in between would a request have been refused", watch.looks and not watch.refused, watch.refused[:5])
    return said


def the_first_step(r):
    """Another origin key, first step: the functions learn it."""
    shown, before = r.account.shown_key(), r.account.variables()
    live = r.account.live()
    _rotate(r, "1")
    after = r.account.variables()
    r.check("CloudFront shows the same key", r.account.shown_key() == shown)
    r.check("every function accepts it, and a new one", all(
        v["ORIGIN_KEY"] == shown and v["ORIGIN_KEY_NEXT"] not in (shown, before[n]["ORIGIN_KEY_NEXT"]) for n, v in after.items()))
    r.check("every function was published once", r.account.live() == {n: v + 1 for n, v in _highest(r, live).items()}, r.account.live())
    check_keys(r)
    check_tags(r)


def _highest(r, live):
    """The newest version of each function before this deployment, including what a rollback has left."""
    versions = r.account.versions()
    return {n: versions[n] - 1 for n in live}


def the_second_step(r):
    """Another origin key, second step: CloudFront shows it."""
    shown, live = r.account.shown_key(), r.account.live()
    following = r.account.variables()["GetSecretFunction"]["ORIGIN_KEY_NEXT"]
    said = _rotate(r, "2")
    r.check("the change set names the distribution, and nothing else",
            rows(said) == {"AWS::CloudFront::Distribution": {"modified": 1}, "all": {"modified": 1}}, said)
    r.check("CloudFront shows the new key", r.account.shown_key() == following != shown)
    r.check("no function was published", r.account.live() == live)
    check_keys(r)
    check_tags(r)
