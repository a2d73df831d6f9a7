#!/usr/bin/env python3
"""Runs the ```sh blocks of docs/dialects/NAME.md as they stand, with BASE set, against a fresh sandbox.
A block must end well, and what it prints must hold, in this order, what is expected of it here."""
import argparse
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs/dialects"
sys.path.insert(0, str(HERE.parent / "support"))
from sandbox import Sandbox, clean_environment  # noqa: E402

JWT = r"ey[\w-]+\.[\w-]+\.[\w-]+"
BAD_ENVELOPE = r'"error":"invalid_request"'

EXPECTED = {
    "fastconnect": [r'"symbol"', r'"code":403100', r'"accountNo":"0011331"', r'"equity":\[', r'"accountNo":"0011331"',
                    r'"code":401,', r'"code":401103', r'"code":401,', r'"code":401114', r'"code":400,.*apiKey is required'],
    "chathub": [r'\[\{"id":1,"name":"Support"\}', r'\[\{"id":1,"name":"Support"\}', r'"name":"Bohdan"', r'"name":"Bohdan"',
                r'"isValid":true', r'"isValid":false'],
    "alor": [rf'\{{"AccessToken":"{JWT}"\}}', r'"buyingPower"', r'D39004', r'"orderNumber"', r'SBER', r'403$'],
    "sinopac": [r'"access_token":"[0-9a-f]{40}","token_type":"Bearer","expires_in":8639[89]', r'"success":true',
                r'"access_token":"[0-9a-f]{40}"', r'"error":"invalid_grant"'],
    "tconnect": [r'0002', r'"order_id":"o-1"', r'"transactions":\[\{', r'0002', rf'"access_token":"{JWT}"',
                 BAD_ENVELOPE, BAD_ENVELOPE, BAD_ENVELOPE],
}


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)


def missing(output, expected):
    """The first expectation that is not there after those before it; None if all are."""
    at = 0
    for pattern in expected:
        found = re.compile(pattern, re.M).search(output, at)
        if not found:
            return pattern
        at = found.end()
    return None


def run(binaries, name, text):
    """What is wrong with the document's samples; empty if nothing is."""
    found = blocks(text)
    if not found:
        return "has no sample"
    with Sandbox(binaries, "--dialect", name) as sandbox:
        environment = dict(clean_environment(sandbox.directory), BASE=sandbox.base, no_proxy="*")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(found)], env=environment,
                              capture_output=True, text=True, timeout=120, cwd=sandbox.directory)
    output = done.stdout
    if done.returncode != 0 or done.stderr:
        return f"exit code {done.returncode}: {done.stderr}\n{output}"
    lacking = missing(output, EXPECTED[name])
    return f"nothing matches {lacking} in\n{output}" if lacking else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("dialect", nargs="*")
    options = parser.parse_args()
    names = options.dialect or sorted(path.stem for path in DOCS.glob("*.md"))
    wrong = 0
    for name in names:
        said = run(options.bin, name, (DOCS / f"{name}.md").read_text()) if name in EXPECTED else "is not expected anything of"
        wrong += bool(said)
        print(f"docs/dialects/{name}.md: {said or 'ok'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
