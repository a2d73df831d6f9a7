"""An authority of the standard dialect in production, a person, and brokers that know its name only."""
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
sys.path.insert(0, str(SUPPORT))
from authority import Authority  # noqa: E402
from sandbox import Broker  # noqa: E402

PASSWORD = "correct horse battery"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stage:
    """`settings` are the realm's. Clients are made before serve(), profiles after it."""

    def __init__(self, binaries, settings=None):
        self.redirect = f"http://127.0.0.1:{free_port()}/cb"
        self.authority = Authority(binaries, "oauth2", dict({"scopes": "openid offline_access read"}, **(settings or {})))
        self.place = tempfile.mkdtemp(prefix="latchkey-")
        self.broker = Broker(binaries, self.place)
        self.authority.admin("user", "create", "ann", "--password-file", self.authority.secret_file(PASSWORD))
        self.browser = SUPPORT / "person.py"
        self.text = '[vault]\nkey = "file"\n'

    def client(self, name, *words):
        return self.authority.admin("client", "create", name, *words)

    def serve(self):
        self.authority.serve()

    def profile(self, name, *lines):
        """A profile of its own; `lines` are TOML."""
        more = "\n".join(lines)
        self.text += (f'[profiles.{name}]\nprovider = "oauth2"\nissuer = "{self.authority.base}"\n'
                      f'redirect_uri = "{self.redirect}"\n{more}\n')
        self.broker.configure(self.text)

    def secret(self, name, value):
        """The path of a file with that secret; a JWK becomes its text."""
        return self.broker.secret_file(name, value if isinstance(value, str) else json.dumps(value))

    def keep_addresses(self):
        """Writes down what browsers are sent to."""
        program = pathlib.Path(self.place) / "browser"
        program.write_text(f'#!/bin/sh\necho "$1" >> "{self.place}/addresses"\nexec "{SUPPORT}/person.py" "$1"\n')
        program.chmod(0o700)
        self.browser = program

    def addresses(self):
        return (pathlib.Path(self.place) / "addresses").read_text()

    def latchkey(self, *words, good=True):
        browser = {"BROWSER": str(self.browser), "PERSON_LOGIN": "ann", "PERSON_PASSWORD": PASSWORD,
                   "PATH": os.environ["PATH"]}
        done = self.broker.run(*words, extra=browser)
        if good and done.returncode != 0:
            raise AssertionError(f"latchkey {words}: {done.returncode} {done.stderr}")
        return done

    def token(self, profile):
        return self.latchkey("token", profile).stdout.strip()

    def close(self):
        self.authority.close()
        shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def holds(what, true, seen=None):
    if not true:
        raise AssertionError(f"not so: {what}; seen: {seen}")
