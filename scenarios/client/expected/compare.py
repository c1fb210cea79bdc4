#!/usr/bin/env python3
"""compare.py MODEMTEST SCENARIOS EXPECTED CLIENT: runs the scenarios with this client and compares exactly: those that
fail are those that the file EXPECTED names, each for its reason.

A line of EXPECTED is the name of a scenario, ' | ', and a regular expression that is found in the first message of
its failure; # begins a comment. Exit code 0 when all is as expected, 1 with the differences.
"""
import json
import re
import subprocess
import sys


def read_expected(path):
    expected = {}
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if line and not line.startswith("#"):
                name, bar, reason = line.partition(" | ")
                if not bar:
                    sys.exit("%s:%d: wants NAME | REASON" % (path, number))
                expected[name] = reason
    return expected


def run(modemtest, scenarios, client):
    """Name -> case."""
    command = [modemtest, "--profile", "sim7600", "-j", "12", "--client", client, "--format", "json", scenarios]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    cases = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            case = json.loads(line)
            if "verdict" in case:
                cases[case["name"].rsplit("/", 1)[-1]] = case
    if not cases:
        sys.exit("no scenario ran: %s\n%s" % (" ".join(command), done.stdout))
    return cases


def messages(case):
    return [fault.get("message", "") for fault in case.get("faults") or []] or ["(no message)"]


def differences(expected, cases):
    for name in expected:
        if name not in cases:
            yield "no such scenario: " + name
    for name, case in sorted(cases.items()):
        failed = case["verdict"] not in ("pass", "skip")
        if failed and name not in expected:
            yield "failed, and should not: %s\n    %s" % (name, "\n    ".join(messages(case)))
            yield "\n".join(case.get("dialogue") or [])
        elif not failed and name in expected:
            yield "should fail with '%s', and did not: %s" % (expected[name], name)
        elif failed and not re.search(expected[name], messages(case)[0]):
            yield "fails for another reason than '%s': %s\n    %s" % (
                expected[name], name, "\n    ".join(messages(case)))


def main():
    modemtest, scenarios, path, client = sys.argv[1:]
    expected = read_expected(path)
    found = list(differences(expected, run(modemtest, scenarios, client)))
    print("\n".join(found) or "%d scenarios fail, as %s says" % (len(expected), path))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
