#!/usr/bin/env python3
"""The admin API, over its socket and over TLS: admin.py --bin DIRECTORY [TEST...]"""
import http.client
import json
import os
import re
import ssl
import stat
import subprocess
import urllib.parse

import operated
from operated import Operated, PASSWORD, exchange


class Admin(Operated):
    def problem(self, answer, status, why):
        """RFC 9457."""
        self.assertEqual(answer[0], status, answer[2])
        self.assertEqual(answer[1]["Content-Type"], "application/problem+json")
        said = json.loads(answer[2])
        self.assertEqual((said["status"], said["why"]), (status, why))
        self.assertEqual(said["type"], "urn:latchkey:problem:" + why)
        self.assertTrue(said["title"])
        return said.get("detail", "")

    def test_the_verbs_over_the_socket(self):
        port = self.serve()["listening"]
        mode = (self.path / "state/admin.sock").stat().st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(mode & 0o777, 0o600)
        post = lambda path, body: self.ask_admin("POST", path, body)  # noqa: E731
        self.assertEqual(post("/v1/user/create", {"realm": "chat", "login": "company", "password": PASSWORD})[0], 204)
        status, headers, text = post("/v1/client/create", {"realm": "ssi", "id": "robot"})
        self.assertEqual((status, headers["Cache-Control"]), (200, "no-store"))
        self.assertGreaterEqual(len(json.loads(text)["client_secret"]), 32)
        self.assertEqual(self.log_in(port)[0], 200)
        listed = json.loads(self.ask_admin("GET", "/v1/grant/list?realm=chat&most=5")[2])
        self.assertEqual([one["user"] for one in listed], ["company"])
        self.assertEqual(listed, json.loads(self.admin("grant", "list", "--realm", "chat", "--most", "5", "--json")),
                         "the API says what the command line says")
        self.assertEqual(json.loads(post("/v1/grant/revoke", {"realm": "chat", "everyone": True})[2]), {"revoked": 1})
        self.assertEqual(json.loads(self.ask_admin("GET", "/v1/user/list?realm=chat")[2])[0]["login"], "company")
        self.assertEqual(post("/v1/user/disable", {"realm": "chat", "login": "company", "why": "left"})[0], 204)
        self.assertNotEqual(self.log_in(port)[0], 200)

    def test_what_it_refuses(self):
        self.serve()
        ask = self.ask_admin
        self.assertIn("ssi", self.problem(ask("GET", "/v1/user/list"), 400, "usage"))
        self.problem(ask("GET", "/v1/user/list?realm=none"), 404, "unknown_name")
        self.problem(ask("GET", "/v1/nothing"), 404, "not_found")
        self.problem(ask("POST", "/v1/user/list", {"realm": "chat"}), 405, "unsupported")
        self.problem(ask("GET", "/v1/user/disable?realm=chat&login=x"), 405, "unsupported")
        self.problem(ask("POST", "/v1/user/disable", {"realm": "chat", "login": "x"}), 404, "not_found")
        self.assertIn("login is missing", self.problem(ask("POST", "/v1/user/disable", {"realm": "chat"}), 400, "usage"))
        for body in ({"realm": "chat", "login": 1}, {"realm": "chat", "login": "x", "more": 1},
                     {"realm": ["chat"], "login": "x"}):
            self.problem(ask("POST", "/v1/user/disable", body), 400, "usage")
        self.problem(ask("POST", "/v1/user/disable", "[]", {"Content-Type": "application/json"}), 400, "malformed")
        self.problem(ask("POST", "/v1/user/disable", "{", {"Content-Type": "application/json"}), 400, "malformed")
        self.problem(ask("POST", "/v1/user/disable", '{"login":"a","login":"b"}', {"Content-Type": "application/json"}),
                     400, "malformed")
        self.problem(ask("POST", "/v1/user/disable", "login=x", {"Content-Type": "text/plain"}), 400, "malformed")
        self.problem(ask("POST", "/v1/user/disable?login=x", {}), 400, "malformed")
        self.problem(ask("GET", "/v1/user/list?realm=chat&realm=ssi"), 400, "malformed")
        self.problem(ask("GET", "/v1/grant/list?realm=chat&most=0"), 400, "usage")
        self.problem(ask("POST", "/v1/client/create", {"realm": "ssi", "id": "x", "otp": "sms"}), 400, "usage")
        ask("POST", "/v1/client/create", {"realm": "ssi", "id": "robot"})
        self.problem(ask("POST", "/v1/client/create", {"realm": "ssi", "id": "robot"}), 409, "conflict")
        self.assertIn("which grants", self.problem(ask("POST", "/v1/grant/revoke", {"realm": "chat"}), 400, "usage"))

    def test_one_authority_at_a_time_works_on_a_state(self):
        self.serve()
        self.refused(5, "an authority runs on", "--config", self.path / "x.toml", "serve")
        self.configure('[admin]\nsocket = ""\n', name="mute.toml")
        self.refused(5, "no admin.socket", "--config", self.path / "mute.toml", "user", "list", "--realm", "chat")
        self.stop()
        self.assertFalse((self.path / "state/admin.sock").exists())
        self.assertEqual(json.loads(self.ok("--config", self.path / "mute.toml", "user", "list", "--realm", "chat", "--json")), [])

    def test_the_public_listener_has_no_verbs(self):
        port = self.serve()["listening"]
        self.assertEqual(self.ask(port, "GET", "/v1/user/list?realm=chat")[0], 404)
        self.assertEqual(self.ask(port, "POST", "/v1/user/create", {})[0], 404)

    def test_another_user_is_turned_away(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        self.serve()
        (self.path / "state").chmod(0o711)
        (self.path / "state/admin.sock").chmod(0o666)
        self.path.chmod(0o711)
        ask = ("import socket,os\nos.setgid(65534)\nos.setuid(65534)\ns=socket.socket(socket.AF_UNIX)\n"
               f"s.connect('{self.path}/state/admin.sock')\n"
               "s.sendall(b'GET /v1/user/list?realm=chat HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
               "print(s.recv(100).decode())\n")
        done = subprocess.run(["/usr/bin/python3", "-c", ask], capture_output=True, text=True, timeout=60)
        self.assertNotIn("200", done.stdout.split("\n")[0])
        self.assertTrue("403" in done.stdout or "Connection" in done.stderr or done.stdout.strip() == "", done)

    # -- TLS ---------------------------------------------------------------------

    def make_certificate(self, name, subject, ca=None):
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                 "2", "-subj", subject, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.path / f"{name}.key",
                 "-out", self.path / f"{name}.pem"]
        if ca:
            words += ["-CA", self.path / f"{ca}.pem", "-CAkey", self.path / f"{ca}.key",
                      "-addext", "basicConstraints=critical,CA:FALSE"]
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def over_tls(self, port, certificate=None, token=None):
        context = ssl.create_default_context(cafile=self.path / "server.pem")
        if certificate:
            context.load_cert_chain(self.path / f"{certificate}.pem", self.path / f"{certificate}.key")
        headers = {"Authorization": "Bearer " + token} if token else {}
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
        return exchange(connection, "POST", "/v1/user/disable", {"realm": "chat", "login": "x"}, headers)

    def tls_config(self, more):
        self.configure('[admin]\nport = 0\ncertificate = "$/server.pem"\nkey = "$/server.key"\n' + more)

    def test_tls_with_a_token(self):
        self.make_certificate("server", "/CN=server")
        token = "t" * 40
        file = self.path / "tokens"
        file.write_text(f"# who may\nalice {token}\nbob {'b' * 40}\n")
        file.chmod(0o600)
        self.tls_config('token_file = "$/tokens"\n')
        port = self.serve()["admin_open"]
        self.problem(self.over_tls(port, token=token), 404, "not_found")
        for wrong in (None, "x" * 40, token[:-1], token + "t"):
            answer = self.over_tls(port, token=wrong)
            self.problem(answer, 401, "bad_credentials")
            self.assertEqual(answer[1]["WWW-Authenticate"], "Bearer")
        with self.assertRaises((ConnectionError, http.client.HTTPException)):  # never in the clear
            self.ask(port, "GET", "/v1/user/list?realm=chat")
        self.stop()
        lines = self.audit_lines()
        self.assertEqual([line["who"] for line in lines if line["event"] == "admin"], ["127.0.0.1 token=alice"])
        self.assertEqual(len([line for line in lines if line["event"] == "admin_refused"]), 4)
        self.assertNotIn(token, (self.path / "state/audit.jsonl").read_text())
        file.chmod(0o644)
        self.refused(7, "open to others", "--config", self.path / "x.toml", "serve")
        file.write_text("alice short\n")
        file.chmod(0o600)
        self.refused(2, "32 characters", "--config", self.path / "x.toml", "serve")

    def test_tls_with_a_certificate(self):
        self.make_certificate("server", "/CN=server")
        self.make_certificate("ca", "/CN=operators")
        self.make_certificate("carol", "/CN=carol", ca="ca")
        self.make_certificate("mallory", "/CN=carol")
        self.tls_config('client_ca = "$/ca.pem"\n')
        port = self.serve()["admin_open"]
        self.problem(self.over_tls(port, "carol"), 404, "not_found")
        for wrong in (None, "mallory"):
            with self.assertRaises((OSError, http.client.HTTPException)):
                self.over_tls(port, wrong)
        self.stop()
        self.assertEqual([line["who"] for line in self.audit_lines() if line["event"] == "admin"], ["127.0.0.1 cn=carol"])

    # -- one table -----------------------------------------------------------------

    def test_the_same_verbs_as_the_command_line(self):
        self.serve()
        document = json.loads(self.ask_admin("GET", "/openapi.json")[2])
        described = {path.removeprefix("/v1/").replace("/", " ") for path in document["paths"] if path.startswith("/v1/")}
        nouns = {one.split(" ")[0] for one in described}
        words = lambda *of: re.findall(r"^  ([a-z][a-z-]*) ", self.ok(*of, "--help").split("ubcommands:")[-1], re.M)  # noqa: E731
        spoken = set()
        for noun in words():
            if noun in nouns:
                spoken |= {f"{noun} {verb}" for verb in words(noun)} or {noun}
        self.assertEqual(spoken, described)

    def test_the_manual_page_has_every_command(self):
        page = (operated.ROOT / "packaging/man/latchkeyd.8").read_text().replace("\\-", "-")
        told = {}
        for name, verbs in re.findall(r'^\.BR? ([a-z]+)(?: " ([a-z, ]+)")?$', page, re.M):
            told[name] = set((verbs or "").split(", ")) - {""}
        words = lambda *of: re.findall(r"^  ([a-z][a-z-]*) ", self.ok(*of, "--help").split("ubcommands:")[-1], re.M)  # noqa: E731
        for name in words():
            if name in ("serve", "sandbox"):
                continue
            self.assertIn(name, told)
            has_verbs = "ubcommands:" in self.ok(name, "--help")
            self.assertEqual(told[name], set(words(name)) if has_verbs else set(), name)

    def test_every_verb_that_is_described_is_served(self):
        self.serve()
        document = json.loads(self.ask_admin("GET", "/openapi.json")[2])
        self.assertEqual(document["openapi"], "3.1.0")
        for path, operations in document["paths"].items():
            (method, operation), = operations.items()
            query = {one["name"]: "1" for one in operation.get("parameters", [])
                     if one["required"] and one["name"] != "realm"}
            query = "?" + urllib.parse.urlencode(dict(query, realm="none")) if path != "/openapi.json" else ""
            body = None
            if method == "post":
                query = ""
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                body = {name: 1 if schema["properties"][name]["type"] == "integer" else "x"
                        for name in schema.get("required", [])}
                body["realm"] = "none"
            status, headers, text = self.ask_admin(method.upper(), path + query, body)
            if path == "/openapi.json":
                self.assertEqual(status, 200)
                continue
            # "none" is no realm: the verb was there, and said so.
            self.assertIn(status, (400, 404), f"{path}: {text}")
            self.assertIn(json.loads(text)["why"], ("unknown_name", "usage"), path)
            self.assertNotIn("no such verb", text)
            self.assertIn("application/problem+json",
                          document["components"]["responses"]["Problem"]["content"])


if __name__ == "__main__":
    operated.main()
