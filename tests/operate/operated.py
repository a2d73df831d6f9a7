"""An authority with a configuration of its own, and how its operators reach it."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

BINARIES = None
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse battery"


def main():
    """Runs the tests of the calling program: PROGRAM --bin DIRECTORY [TEST...]"""
    global BINARIES
    if "--bin" in sys.argv:
        at = sys.argv.index("--bin")
        BINARIES = pathlib.Path(sys.argv[at + 1]).resolve()
        del sys.argv[at:at + 2]
    sys.modules["operated"].BINARIES = BINARIES
    unittest.main(module="__main__")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def exchange(connection, method, path, body=None, headers=None):
    """Status, headers, text."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


class Operated(unittest.TestCase):
    """One test with an authority below `self.path`."""

    realms = '[realms.chat]\ndialect = "chathub"\n[realms.ssi]\ndialect = "fastconnect"\n'

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.running = []
        self.addCleanup(self.stop_all)
        self.ok("key", "create", self.path / "master.key")
        self.configure()

    @property
    def program(self):
        return BINARIES / "latchkeyd"

    def configure(self, more="", listen="port = 0", key='file = "$/master.key"', name="x.toml", realms=None):
        text = (f"[listen]\n{listen}\n[state]\ndirectory = \"$/state\"\n[master_key]\n{key}\n"
                + (self.realms if realms is None else realms) + more)
        (self.path / name).write_text(text.replace("$", str(self.path)))

    def run_program(self, *words, input=None):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.path)}
        return subprocess.run([self.program, *map(str, words)], input=input, capture_output=True, text=True,
                              env=environment, timeout=120, start_new_session=True)

    def ok(self, *words, input=None):
        done = self.run_program(*words, input=input)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def refused(self, code, says, *words, input=None):
        done = self.run_program(*words, input=input)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        self.assertIn(says, done.stderr + done.stdout)

    def admin(self, *words, input=None):
        return self.ok("--config", self.path / "x.toml", *words, input=input)

    def serve(self, name="x.toml"):
        """The ports by the log's names: {"listening": 1234, …}."""
        process = subprocess.Popen([self.program, "serve", "--config", self.path / name],
                                   stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        ports, said = {}, []
        for line in process.stderr:
            said.append(line)
            event = json.loads(line) if line.startswith("{") else {"event": ""}
            if "port" in event:
                ports[event["event"]] = int(event["port"])
            if event["event"] == "listening":
                return ports
        self.fail("it did not start: " + "".join(said))

    def stop(self, process=None):
        """Ends it as systemd does; what it logged since."""
        process = process or self.running[-1]
        self.running.remove(process)
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 0, log)
        return [json.loads(line) for line in log.splitlines() if line.startswith("{")]

    def stop_all(self):
        for process in self.running:
            process.kill()
            process.communicate(timeout=60)
        self.running = []

    def ask(self, port, method, path, body=None, headers=None):
        return exchange(http.client.HTTPConnection("127.0.0.1", port, timeout=60), method, path, body, headers)

    def ask_admin(self, method, path, body=None, headers=None):
        return exchange(UnixConnection(self.path / "state/admin.sock"), method, path, body, headers)

    def add_company(self):
        self.admin("user", "create", "--realm", "chat", "company", "--password-file", "-", input=PASSWORD + "\n")

    def log_in(self, port, password=PASSWORD):
        return self.ask(port, "POST", "/api/company/get-token", {"login": "company", "password": password})

    def audit_lines(self, name="state/audit.jsonl"):
        return [json.loads(line) for line in (self.path / name).read_text().splitlines()]
