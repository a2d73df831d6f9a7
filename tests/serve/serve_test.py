#!/usr/bin/env python3
"""`latchkeyd serve` and the operator's verbs, as a person runs them: serve_test.py PROGRAM [TEST...]"""
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
import warnings

PROGRAM = None
PASSWORD = "correct horse battery"


class Authority(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.running = None
        self.addCleanup(self.stop)
        self.ok("key", "create", self.path / "master.key")
        self.configure()

    # -- helpers -----------------------------------------------------------------

    def configure(self, listen="port = 0", key="file = \"$/master.key\"", more=""):
        text = (f"[listen]\n{listen}\n[state]\ndirectory = \"$/state\"\n[master_key]\n{key}\n"
                "[realms.chat]\ndialect = \"chathub\"\n[realms.ssi]\ndialect = \"fastconnect\"\n" + more + "[monitor]\npublic = \"health\"\n")
        (self.path / "x.toml").write_text(text.replace("$", str(self.path)))

    def run_program(self, *words, input=None):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.path)}
        return subprocess.run([PROGRAM, *map(str, words)], input=input, capture_output=True, text=True,
                              env=environment, timeout=60, start_new_session=True)

    def ok(self, *words, input=None):
        done = self.run_program(*words, input=input)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done.stdout

    def refused(self, code, says, *words, input=None):
        done = self.run_program(*words, input=input)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        self.assertIn(says, done.stderr)

    def admin(self, *words, input=None):
        return self.ok("--config", self.path / "x.toml", *words, input=input)

    def serve(self):
        self.running = subprocess.Popen([PROGRAM, "serve", "--config", self.path / "x.toml"],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.running.stderr:
            event = json.loads(line)
            if event["event"] == "listening":
                return int(event["port"])
        self.fail("it did not start")

    def stop(self):
        """Ends it as systemd does; what it logged."""
        if self.running is None:
            return []
        self.running.send_signal(signal.SIGTERM)
        log = self.running.communicate(timeout=30)[1]
        code, self.running = self.running.returncode, None
        self.assertEqual(code, 0)
        return [json.loads(line) for line in log.splitlines()]

    def ask(self, url, body=None, context=None):
        request = urllib.request.Request(url, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def log_in(self, port, password=PASSWORD):
        return self.ask(f"http://127.0.0.1:{port}/api/company/get-token",
                        {"login": "company", "password": password})

    def add_company(self):
        self.admin("user", "create", "--realm", "chat", "company", "--password-file", "-", input=PASSWORD + "\n")

    # -- tests -------------------------------------------------------------------

    def test_serves_accounts_that_an_operator_made_and_keeps_them(self):
        self.add_company()
        port = self.serve()
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/livez")[0], 200)
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/readyz")[0], 200)
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/_sandbox/info")[0], 404)
        self.assertEqual(self.log_in(port, "wrong")[0], 401)
        status, token = self.log_in(port)
        self.assertEqual(status, 200)
        log = self.stop()
        requests = [event for event in log if event["event"] == "request"]
        self.assertEqual([event["status"] for event in requests][-2:], ["401", "200"])
        everything = json.dumps(log)
        self.assertNotIn(PASSWORD, everything)
        self.assertNotIn(json.loads(token), everything)

        port = self.serve()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/company/organization",
                                         headers={"Authorization": "Bearer " + json.loads(token)})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(json.load(answer), [])

    def test_operators_work_beside_a_running_authority(self):
        port = self.serve()
        self.add_company()
        self.assertEqual(self.log_in(port)[0], 200)
        grants = json.loads(self.admin("grant", "list", "--realm", "chat", "--json"))
        self.assertEqual([grant["user"] for grant in grants], ["company"])
        self.assertIn("revoked 1", self.admin("grant", "revoke", "--realm", "chat", "--user", "company"))
        self.assertEqual(json.loads(self.admin("grant", "list", "--realm", "chat", "--json")), [])
        self.admin("user", "disable", "--realm", "chat", "company", "--why", "left")
        self.assertNotEqual(self.log_in(port)[0], 200)
        self.admin("user", "enable", "--realm", "chat", "company")
        self.admin("user", "password", "--realm", "chat", "company", "--password-file", "-", input="another one\n")
        self.assertEqual(self.log_in(port)[0], 401)
        self.assertEqual(self.log_in(port, "another one")[0], 200)

    def test_a_clients_secret_is_shown_once(self):
        shown = json.loads(self.admin("client", "create", "--realm", "ssi", "key-1", "--json"))
        secret = shown["client_secret"]
        self.assertGreaterEqual(len(secret), 32)
        listed = self.admin("client", "list", "--realm", "ssi", "--json")
        self.assertEqual(json.loads(listed)[0]["id"], "key-1")
        self.assertNotIn(secret, listed)
        self.admin("client", "create", "--realm", "ssi", "key-2", "--otp", "typed",
                   "--secret-file", self.path / "key-2.json")
        self.assertEqual((self.path / "key-2.json").stat().st_mode & 0o777, 0o600)
        kept = json.loads((self.path / "key-2.json").read_text())
        self.assertEqual(sorted(kept), ["client_secret", "totp_secret"])
        port = self.serve()
        login = {"apiKey": "key-1", "apiSecret": secret}
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/api/v3/auth/token", login)[0], 200)
        self.admin("client", "disable", "--realm", "ssi", "key-1")
        self.assertNotEqual(self.ask(f"http://127.0.0.1:{port}/api/v3/auth/token", login)[0], 200)

    def test_organizations_and_operators(self):
        self.add_company()
        made = json.loads(self.admin("organization", "create", "--realm", "chat", "--owner", "company", "Sales", "--json"))
        number = str(made[0]["id"])
        operator = json.loads(self.admin("operator", "create", "--realm", "chat", "--organization", number, "Olena", "--json"))
        self.admin("operator", "disable", "--realm", "chat", operator[0]["id"])
        listed = json.loads(self.admin("operator", "list", "--realm", "chat", "--organization", number, "--json"))
        self.assertEqual([(one["name"], one["state"]) for one in listed], [("Olena", "inactive")])

    def test_a_push_waits_for_an_operator(self):
        self.admin("client", "create", "--realm", "ssi", "key-1", "--otp", "push",
                   "--secret-file", self.path / "s.json")
        secret = json.loads((self.path / "s.json").read_text())["client_secret"]
        port = self.serve()
        self.ask(f"http://127.0.0.1:{port}/api/v3/auth/requestOtp", {"apiKey": "key-1", "apiSecret": secret})
        delivered = json.loads(self.admin("outbox", "--realm", "ssi", "--json"))
        self.assertEqual(len(delivered), 1)
        answered = self.admin("push", "approve", "--realm", "ssi", "key-1")
        self.assertIn(delivered[0]["transaction"], answered)
        self.refused(4, "no such push", "--config", self.path / "x.toml", "push", "decline", "--realm", "ssi", "key-2")

    def test_says_4_of_a_name_that_is_not_there_and_2_of_a_wrong_line(self):
        for code, says, *words in (
                (4, "no such user", "user", "disable", "--realm", "chat", "zz"),
                (4, "no such user", "user", "enable", "--realm", "chat", "zz"),
                (4, "no such client", "client", "disable", "--realm", "ssi", "zz"),
                (4, "no live grant", "grant", "revoke", "--realm", "ssi", "zz"),
                (4, "no such push", "push", "approve", "--realm", "ssi", "zz"),
                (4, "no such realm", "user", "list", "--realm", "zz"),
                (2, "which realm?", "user", "list")):
            self.refused(code, says, "--config", self.path / "x.toml", *words)

    def test_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=latchkey test", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.path / "k.pem", "-out", self.path / "c.pem"],
                       check=True, capture_output=True)
        self.configure(listen="port = 0\ncertificate = \"$/c.pem\"\nkey = \"$/k.pem\"")
        port = self.serve()
        context = ssl.create_default_context(cafile=self.path / "c.pem")
        self.assertEqual(self.ask(f"https://127.0.0.1:{port}/livez", context=context)[0], 200)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.ask(f"https://127.0.0.1:{port}/livez", context=context)[0], 200)
        old = ssl.create_default_context(cafile=self.path / "c.pem")
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(urllib.error.URLError):
            self.ask(f"https://127.0.0.1:{port}/livez", context=old)

    def test_refuses_what_is_unsafe(self):
        config = self.path / "x.toml"
        self.configure(listen="address = \"0.0.0.0\"\nport = 0")
        self.refused(2, "x.toml:2: listen.address is not loopback", "serve", "--config", config)
        self.configure()
        (self.path / "master.key").chmod(0o644)
        self.refused(7, "chmod 600", "serve", "--config", config)
        (self.path / "master.key").chmod(0o600)
        self.add_company()
        self.ok("key", "create", self.path / "other.key")
        self.configure(key="file = \"$/other.key\"")
        self.refused(7, "not the master key", "serve", "--config", config)
        self.refused(2, "", "--config", config, "user", "create", "--realm", "chat", "x", "--password", "flag")

    def test_says_what_is_wrong_with_a_configuration(self):
        config = self.path / "x.toml"
        self.assertIn("ok", self.ok("config", "check", config))
        self.configure(more="[realms.ssi.settings]\nnobody_knows = 1\n")
        self.refused(2, "x.toml:11: realms.ssi.settings", "config", "check", config)
        self.refused(2, "--config", "client", "list")
        self.configure()
        self.refused(2, "chat ssi", "--config", config, "client", "list")
        self.refused(4, "chat ssi", "--config", config, "client", "list", "--realm", "none")

    def test_does_not_start_with_anything_of_the_sandboxes(self):
        for more in ("[faults]\nrefresh = \"drop\"\n", "[sandbox]\nledger = \"x\"\n", "[ledger]\nfile = \"x\"\n",
                     "[realms.ssi.settings]\nfaults = true\n", "[realms.ssi.settings]\nfault = \"drop\"\n"):
            self.configure(more=more)
            for verb in (["config", "check", self.path / "x.toml"], ["--config", self.path / "x.toml", "serve"]):
                self.refused(2, "fault" if "fault" in more else more.split("]")[0].strip("["), *verb)
        self.configure(listen="port = 0\nfaults = true")
        self.refused(2, 'unknown key "listen.faults"', "--config", self.path / "x.toml", "serve")
        self.configure()
        for words in (["--ledger", "x"], ["--fault", "drop"], ["--faults"]):
            self.refused(2, "no option " + words[0], "--config", self.path / "x.toml", "serve", *words)

    def test_serves_no_faults(self):
        port = self.serve()
        for verb in ("fault", "faults", "fault/clear", "info"):
            for body in (None, {"fault": "drop"}):
                self.assertEqual(self.ask(f"http://127.0.0.1:{port}/_sandbox/{verb}", body)[0], 404, verb)
        self.refused(10, "that is no sandbox", "sandbox", "fault", "any", "any", "drop", "--url",
                     f"http://127.0.0.1:{port}")

    def test_a_key_is_never_written_over(self):
        before = (self.path / "master.key").read_text()
        self.assertNotEqual(self.run_program("key", "create", self.path / "master.key").returncode, 0)
        self.assertEqual((self.path / "master.key").read_text(), before)


if __name__ == "__main__":
    PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
