"""make rehearse: deployments from the first to the last, on this machine, by the real commands against moto's APIs."""

import sys
import time

import server
from rehearsal import Rehearsal, StepFailed
from steps import STEPS
from summary import summarise


def main():
    begun = time.monotonic()
    r = Rehearsal(server.start())
    print(f"moto's server stands in for AWS, at {r.account.cloud.url}. Nothing here reaches AWS.")
    failed = None
    try:
        for number, step in enumerate(STEPS, 1):
            r.step(f"{number}. {step.__doc__}")
            step(r)
    except StepFailed as failure:
        failed = failure
    summarise(r, failed, time.monotonic() - begun)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
