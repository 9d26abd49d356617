"""What the steps work with: the project's commands, the AWS CLI, a look at the account, and checks that are printed."""

import os
import pathlib
import re
import shlex
import subprocess
import time

from account import Account
from formation import front
from place import REGION

ROOT = pathlib.Path(__file__).resolve().parents[2]
STACK = "keepsake"
TIMEOUT = 600


class StepFailed(Exception):
    """A check of a step has failed. The later steps build on it, so none is run."""


class Rehearsal:
    def __init__(self, url):
        self.account = Account(url, STACK)
        self.said = []  # all that commands have printed
        self.checks = 0
        self.first = None  # how many resources of each type the first deployment has made
        self.build = "new"  # or kept
        self.environment = self._environment(url)

    def _environment(self, url):
        """The user's environment without what could lead to an account of theirs."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k not in SETTINGS}
        return {
            **kept, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "SAM": str(ROOT / "infra/rehearse/sam"), "SAM_CLI_TELEMETRY": "0"}

    def step(self, title):
        print(f"\n{title}", flush=True)

    def check(self, promise, kept, detail=""):
        """Prints the promise with a mark. If it is not kept, the rehearsal ends."""
        self.checks += 1
        print(f"  {'✓' if kept else '✗'} {promise}", flush=True)
        if not kept:
            raise StepFailed(f"{promise}\n{detail}".strip())

    def run(self, command, **settings):
        """Runs a command in the project's folder. Returns its exit code and what it printed."""
        begun = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env={**self.environment, "REHEARSAL_BUILD": self.build, **settings}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False)
        self.said.append(done.stdout)
        front.ACCOUNT.settle()
        self._show(command, settings, time.monotonic() - begun)
        return done.returncode, done.stdout

    @staticmethod
    def _show(command, settings, seconds):
        """Prints a command as it could be typed."""
        words = [*(command if command[0] != "bash" else []), *(f"{k}={shlex.quote(v)}" for k, v in settings.items())]
        lines = [" ".join(words)] if words else [line.strip() for line in command[-1].splitlines() if line.strip()]
        print("\n".join(f"  $ {line}" for line in lines) + f"   ({seconds:.0f} s)", flush=True)

    def deploy(self, **settings):
        return self.run(["make", "deploy"], STACK=STACK, YES="1", **settings)

    def shell(self, title, commands):
        """Runs shell commands as they are written in a page, or as a program has printed them."""
        print(f"  Now {title}:", flush=True)
        code, said = self.run(["bash", "-euc", commands])
        self.check("the commands end without an error", code == 0, said)
        return said


# What would change what is rehearsed, if it came from the user's environment.
SETTINGS = ("STACK", "ARCH", "PARAMS", "TAGS", "ROLE", "YES", "CHANGESET", "REGION", "ROTATE_ORIGIN_KEY", "SAM", "MAKEFLAGS", "MAKELEVEL", "MFLAGS",
            "TOKENS_TABLE", "AUDIT_TABLE", "WORKSPACE", "WORKSPACES", "SCOPES", "EXPIRES", "DESCRIPTION", "SECRET")


def blocks(page, heading):
    """The code blocks of a page below a heading, up to the next heading of the same or a higher level."""
    text = (ROOT / page).read_text()
    level = heading.split(" ")[0]
    _, found, rest = text.partition(f"\n{heading}\n")
    if not found:
        raise ValueError(f"{page} has no heading {heading!r}")
    section = re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def rows(said):
    """The change set that make deploy sums up: type -> column -> count."""
    lines = iter(said.splitlines())
    for line in lines:
        if line.startswith("The change set "):
            break
    next(lines, "")
    header = next(lines, "")
    ends = [(m.group(), m.end()) for m in re.finditer(r"\S+(?: \S+)*", header)]
    table = {}
    for line in lines:
        if not line.strip():
            break
        kind = line.split()[0]
        counts = {m.end(): int(m.group()) for m in re.finditer(r"\d+$|\d+(?=\s)", line) if m.start() > len(kind) + 2}
        table[kind] = {name: counts[end] for name, end in ends if end in counts}
    return table
