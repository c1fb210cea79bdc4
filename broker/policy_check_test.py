#!/usr/bin/env python3
"""Asks aws-iot-policy-check what AWS's documentation tells the answer of: policies/examples/*.json are
documents after the examples of AWS's pages, policies/examples/cases.jsonl the questions, one a line, each with
the page. Then the program's own manners: exit codes, errors with their position, JSON."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parent / "policies" / "examples"
FAILED = []


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=30,
                          stdin=subprocess.DEVNULL)


def verify(what, good, *details):
    if not good:
        FAILED.append(what)
        print("FAIL", what, *details)


def examples(program):
    documents = set()
    with open(EXAMPLES / "cases.jsonl", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        what = f"{case['document']} {case['who']} {case['question']}"
        result = run(program, str(EXAMPLES / (case["document"] + ".json")), "--json", *case["who"].split(),
                     *case["question"].split())
        if result.returncode not in (0, 1):
            verify(what, False, result.stderr)
            continue
        got = json.loads(result.stdout)
        answer = got["decision"] + (f" {got['statement']}" if "statement" in got else "")
        verify(what, answer == case["answer"], f"{answer}, not {case['answer']}: {got['reason']}", case["page"])
        verify(what + ": exit", result.returncode == (0 if got["decision"] == "allow" else 1))
        verify(what + ": remedy", ("remedy" in got) == (got["decision"] == "deny"))
        documents.add(case["document"] + ".json")
    unused = {path.name for path in EXAMPLES.glob("*.json")} - documents
    verify("each example is asked", not unused, unused)
    print(f"{len(cases)} cases on {len(documents)} documents")


def manners(program, tmp):
    default = str(EXAMPLES.parent / "default.json")
    result = run(program, default, "--thing", "thing1", "--connect", "not-my-thing", "--publish", "thing1/a")
    verify("a denied one exits 1", result.returncode == 1, result)
    lines = result.stdout.splitlines()
    verify("answers in order", lines[0].startswith("deny  iot:Connect on client/not-my-thing: ")
           and any(line.startswith("allow iot:Publish on topic/thing1/a: ") for line in lines), lines)
    verify("what was compared", "      compared with: client/thing1" in lines, lines)
    verify("the remedy", any('a client id that fits "thing1"' in line for line in lines), lines)
    registry = tmp / "things.json"
    registry.write_text(json.dumps({"things": [
        {"thingName": "lamp", "certificateId": "a" * 64, "status": "REVOKED"},
        {"thingName": "pump", "certificateId": "b" * 64, "attributes": {"hall": "north"}}]}))
    result = run(program, default, "--registry", str(registry), "--thing", "lamp", "--connect", "lamp")
    verify("a revoked certificate", result.returncode == 1 and "is REVOKED" in result.stdout, result)
    example = str(EXAMPLES / "thing-attribute-prefix.json")
    result = run(program, example, "--certs", str(tmp), "--certificate-id", "b" * 64, "--publish", "north/x")
    verify("attributes of the registry", result.returncode == 0, result)
    deny = tmp / "deny.json"
    deny.write_text('{"Statement": {"Sid": "Never", "Effect": "Deny", "Action": "*", "Resource": "*"}}')
    result = run(program, default, str(deny), "--thing", "thing1", "--connect", "thing1")
    verify("two documents together", "denied by statement 1 \"Never\" of " + str(deny) in result.stdout, result)
    bad = tmp / "bad.json"
    bad.write_text('{"Statement": [\n {"Effect": "allow"}]}')
    for arguments, message in [
            ([str(bad), "--connect", "a"], f"{bad}:2:13: Effect must be"),
            ([str(tmp / "none.json"), "--connect", "a"], "none.json: No such file"),
            ([default], "what is the question?"), ([], "which policy?"),
            ([default, "--conect", "a"], "'--conect'"),
            ([default, "--connect"], "requires an argument"),
            ([default, "--attribute", "x", "--connect", "a"], "takes NAME=VALUE, at most 50 times, not \"x\""),
            ([default, "--value", "iot:Nothing=x", "--connect", "a"], "with a key of --keys"),
            ([default, "--registry", str(registry), "--connect", "a"], "needs --thing"),
            ([default, "--registry", str(registry), "--thing", "x", "--connect", "a"], "no thing x"),
            ([default, "--registry", str(bad), "--thing", "x", "--connect", "a"], f"{bad}:1:1: a registry is")]:
        result = run(program, *arguments)
        verify(f"{arguments}", result.returncode == 2 and message in result.stderr and not result.stdout, result)
    verify("--help", "usage:" in run(program, "--help").stdout)
    verify("--keys", "iot:Connection.Thing.Attributes[NAME]" in run(program, "--keys").stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    program = parser.parse_args().program
    examples(program)
    with tempfile.TemporaryDirectory(prefix="policy-check.") as tmp:
        manners(program, pathlib.Path(tmp))
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
