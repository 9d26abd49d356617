"""What a rehearsal has shown, in plain words."""

import textwrap

import probes
from kinds.cloud import LACKS, MISSED

# What no call here can show.
ONLY_AWS = (
    "that IAM and the keys' policies allow what is needed, and no more: moto allows everything",
    "that CloudFront, its edge function and the gateway carry a request: none was sent through them",
    "canaries, alarms, schedules and the stream at work: CodeDeploy's deployments were only written down",
    "quotas, throttling, and how long it takes",
    "CloudFormation's own judgement: what is created, replaced, kept and taken back follows its documentation and AWS's schemas",
)


def summarise(r, failed, seconds):
    print("\nWhat this has shown")
    if r.first:
        _accepted(r.first)
    _missed()
    _checked(*probes.try_all(r.account.cloud))
    _say("Only AWS can show: " + "; ".join(ONLY_AWS) + ".")
    if failed:
        print(f"\nThe rehearsal has failed after {seconds:.0f} s: {failed}")
    else:
        print(f"\nThe rehearsal went well: {r.checks} checks in {seconds:.0f} s.")


def _say(text):
    print(textwrap.fill(text, 118, initial_indent="  - ", subsequent_indent="    "))


def _accepted(first):
    count = sum(first.values())
    _say(f"moto's APIs took {count} of the {count} resources of the first deployment, of {len(first)} types, and AWS's own schemas took their "
         "properties. Each was made by a call of its service's API.")


def _missed():
    for (service, operation), times in sorted(MISSED.items()):
        _say(f"moto has no {service}:{operation} ({times} times), so it does not carry {LACKS[service, operation]}.")
    _say("Not carried either: SAM's policy on its bucket, whose conditions moto does not read; UpdateItem with tabs, which moto does not "
         "read (they were replaced); and reads of `latest`, since moto's local indexes do not fetch what they do not project.")


def _checked(seen, taken):
    _say(f"Of one mistake in each of {len(seen) + len(taken)} types, moto saw {len(seen)}: "
         + ", ".join(f"{kind} ({mistake})" for kind, mistake in seen.items()) + ".")
    _say("It took the mistakes in: " + ", ".join(f"{kind} ({mistake})" for kind, mistake in taken.items()) + ".")
