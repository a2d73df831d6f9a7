#!/usr/bin/env python3
"""Requests that a program makes up from our own descriptions (PyPI `schemathesis`).   // promises, "malformed anything"

    schema_cases.py --bin DIRECTORY --what realm|admin [--kit DIRECTORY] [--seed N] [--examples N]

At the standard realm, by nobody and by a client, and at the admin API, by an operator. Wanted of every answer: no
5xx, a status, a type and a body that /openapi.json describes.
"""
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import install
from story import Story, arguments

from authority import Authority
from sandbox import Sandbox, clean_environment
from server import Server

CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
          "unsupported_method,allow_header_conformance")
TOKEN = "t" * 40


class Cases:
    def __init__(self, story, options):
        self.story, self.options = story, options
        self.program = pathlib.Path(install.python(options.kit, "schemathesis")).parent / "schemathesis"

    def at(self, what, where, *words):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as home:
            done = subprocess.run(
                [self.program, "run", where, "--checks", CHECKS, "--phases", "coverage,fuzzing", "--seed", self.options.seed,
                 "--max-examples", self.options.examples, "--max-redirects", "0", "--no-shrink", "--generation-database", "none",
                 "--request-timeout", "60", "--no-color", "--warnings", "off", *words],
                cwd=home, env=clean_environment(home), capture_output=True, text=True, timeout=600)
        tail = [line for line in done.stdout.splitlines() if "generated" in line or "Tested:" in line]
        if not self.story.claim(f"{what}: {'; '.join(map(str.strip, tail))}", done.returncode == 0):
            print(done.stdout + done.stderr)


def realm(cases, binaries):
    with Sandbox(binaries, "--dialect", "oauth2", "--set", "oauth2.token_exchange=true",
                 "--set", "oauth2.registration=open") as sandbox:
        where = sandbox.base + "/oidc/openapi.json"
        client = next(one for one in sandbox.info["systems"]["oauth2"]["clients"] if one.get("secret"))
        cases.at("the standard realm, nobody", where)
        cases.at("the standard realm, a client", where, "--auth", f"{client['id']}:{client['secret']}")
        cases.story.claim("it still runs", sandbox.process.poll() is None)


@contextlib.contextmanager
def admin_port(binaries):
    """An authority whose operators come over TLS, with a token; its certificate and port."""
    with Authority(binaries, "oauth2") as house:
        key, certificate, tokens = (house.directory / name for name in ("tls.key", "tls.pem", "tokens"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True, timeout=60)
        tokens.touch(mode=0o600)
        tokens.write_text(f"cases {TOKEN}\n")
        house.config.write_text(f'[admin]\nport = 0\ncertificate = "{certificate}"\nkey = "{key}"\ntoken_file = "{tokens}"\n'
                                + house.config.read_text())
        server = Server(house.program.parent, ["--config", house.config], house.environment, house.directory)
        try:
            events = [json.loads(line) for line in server.said if line.startswith("{")]
            yield certificate, next(one["port"] for one in events if one["event"] == "admin_open" and "port" in one)
        finally:
            stopped = server.stop()
            if stopped.returncode != 0:
                raise RuntimeError(stopped.stderr[-2000:])


def admin(cases, binaries):
    with admin_port(binaries) as (certificate, port):
        cases.at("the admin API, an operator", f"https://127.0.0.1:{port}/openapi.json", "--tls-verify", str(certificate),
                 "-H", f"Authorization: Bearer {TOKEN}")


def main():
    story = Story()
    options = arguments(what={"choices": ("realm", "admin"), "required": True}, seed={"default": "1"},
                        examples={"default": "60"})
    cases = Cases(story, options)
    {"realm": realm, "admin": admin}[options.what](cases, options.bin)
    story.end()


if __name__ == "__main__":
    sys.exit(main())
