#!/usr/bin/env python3
"""The descriptions against what is served, both ways: openapi.py --bin DIRECTORY [TEST...]"""
import json
import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "support"))
import operated  # noqa: E402
from five import Five, SYSTEMS  # noqa: E402
from sandbox import plain_fetch  # noqa: E402

METHODS = {"get", "post", "put", "delete", "patch", "head", "options", "trace"}


class Document:
    """An OpenAPI document, with what it says of one request."""

    def __init__(self, text):
        self.text = text
        self.root = json.loads(text)
        self.paths = self.root["paths"]

    def follow(self, value):
        while isinstance(value, dict) and "$ref" in value:
            at = self.root
            for part in value["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            value = at
        return value

    def operation(self, method, path):
        """None when no path of it is this one."""
        for template, operations in self.paths.items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path, re.I):
                return self.follow(operations).get(method.lower())
        return None

    def body(self, operation):
        """What may be sent, by its type."""
        return self.follow(self.follow(operation).get("requestBody", {})).get("content", {})

    def response(self, operation, status):
        found = operation["responses"].get(str(status), operation["responses"].get("default"))
        return None if found is None else self.follow(found)

    def operations(self):
        for path, operations in self.paths.items():
            for method, operation in self.follow(operations).items():
                if method in METHODS:
                    yield method, path, operation


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        cls.five = Five(operated.BINARIES, cls.folder.name)
        cls.base = cls.five.sandbox.base
        cls.document = Document(plain_fetch(cls.base, "GET", "/openapi.json")[2])

    @classmethod
    def tearDownClass(cls):
        cls.five.sandbox.close()
        cls.folder.cleanup()

    def described(self, method, path, status, kind, has_body, document=None):
        document = document or self.document
        operation = document.operation(method, path)
        self.assertIsNotNone(operation, f"{method} {path} is not described")
        response = document.response(operation, status)
        self.assertIsNotNone(response, f"{method} {path}: {status} is not described")
        if has_body:
            kinds = response.get("content", {})
            self.assertTrue(not kinds or kind in kinds, f"{method} {path}: {status} with {kind}, described {list(kinds)}")

    def test_is_openapi(self):
        root = self.document.root
        self.assertEqual(root["openapi"], "3.1.0")
        self.assertTrue(root["info"]["version"])
        self.assertEqual({tag["name"] for tag in root["tags"]}, {system for system, *_ in SYSTEMS.values()})
        for method, path, operation in self.document.operations():
            self.assertIn(method, METHODS)
            self.assertTrue(path.startswith("/"))
            self.assertTrue(operation["summary"])
            self.assertTrue(operation["responses"])
            named = {one["name"] for one in map(self.document.follow, operation.get("parameters", [])) if one["in"] == "path"}
            self.assertEqual(named, set(re.findall(r"\{(\w+)\}", path)), path)
            for needed in operation.get("security", []):
                for scheme in needed:
                    self.assertIn(scheme, root["components"]["securitySchemes"])

    def test_every_reference_leads_somewhere(self):
        def walk(value):
            if isinstance(value, dict):
                if "$ref" in value:
                    self.document.follow(value)
                for one in value.values():
                    walk(one)
            elif isinstance(value, list):
                for one in value:
                    walk(one)
        walk(self.document.root)

    def test_what_is_described_is_served(self):
        unknown = {}
        for method, path, operation in self.document.operations():
            concrete = re.sub(r"\{\w+\}", "x", path)
            if "list" in path:
                concrete = path.format(exchange="MOEX", portfolio="D39004", list="summary")
            body = self.document.body(operation)
            headers = {"Content-Type": next(iter(body), "application/json")} if body else {}
            text = "" if method == "post" else None
            status, answer, said = plain_fetch(self.base, method.upper(), concrete, text, headers)
            self.assertNotEqual(status, 405, f"{method} {path}")
            self.assertLess(status, 500, f"{method} {path}: {said}")
            # An endpoint beside it, which is not there, is refused otherwise.
            system = (operation.get("tags") or [""])[0]
            if system and system not in unknown:
                beside = path.rsplit("/", 1)[0] + "/no-such-endpoint"
                unknown[system] = plain_fetch(self.base, method.upper(), beside, text, headers)[2]
            if said and unknown.get(system):
                self.assertNotEqual(said, unknown[system], f"{method} {path} is answered as what is not there")
            kind = (answer["Content-Type"] or "").split(";")[0]
            self.described(method, concrete, status, kind, bool(said))

    def test_what_is_served_is_described(self):
        five = self.five
        for profile in SYSTEMS:
            five.login(profile)
            five.accepts(profile, five.token(profile))
        five.latchkey("refresh", "ssi")
        five.latchkey("refresh", "sinopac")
        five.latchkey("refresh", "pay")
        for path in ("/api/operator", "/api/company/organization"):
            five.run("request", "chat", "GET", path)  # a token of either tier: what the other gets is described too
        five.latchkey("request", "alor", "GET", "/client/v1.0/users/P039004/portfolios")
        five.run("request", "pay", "POST", "/openapi/v1/transaction/qr/order/status", "-d", "{}")
        five.run("request", "ssi", "GET", "/api/v3/account/info")
        seen = json.loads(five.sandbox.control("requests", "--json"))
        self.assertGreater(len(seen), 20)
        systems = set()
        for one in seen:
            if not one["system"] or one["target"].startswith("/oidc/"):  # that wire has a document of its own
                continue
            systems.add(one["system"])
            path = one["target"].split("?")[0]
            if one["status"] in (404, 405):
                continue
            self.described(one["method"], path, one["status"], "", False)
        self.assertEqual(systems, {system for system, *_ in SYSTEMS.values()})

    def test_the_standard_wire(self):
        status, _, text = plain_fetch(self.base, "GET", "/oidc/openapi.json")
        self.assertEqual(status, 200)
        document = Document(text)
        self.assertEqual(document.root["servers"], [{"url": "/oidc"}])
        for method, path, operation in document.operations():
            body = document.body(operation)
            headers = {"Content-Type": next(iter(body), "application/x-www-form-urlencoded")} if method == "post" else {}
            status, answer, said = plain_fetch(self.base, method.upper(), "/oidc" + path if path != "/openapi.json" else
                                               "/oidc/openapi.json", "" if method == "post" else None, headers)
            self.assertNotIn(status, (405, 500), f"{method} {path}: {said}")
            kind = (answer["Content-Type"] or "").split(";")[0]
            self.described(method, path, status, kind, bool(said), document)
        metadata = json.loads(plain_fetch(self.base, "GET", "/oidc/.well-known/openid-configuration")[2])
        for name, value in metadata.items():
            if name.endswith(("_endpoint", "_uri")):
                path = value.split("/oidc", 1)[1]
                self.assertTrue(document.operation("get", path) or document.operation("post", path), f"{name}: {value}")

    def test_every_path_in_the_code_of_a_wire_is_described(self):
        prefixes = set()
        for path in self.document.paths:
            parts = path.split("/")
            prefixes |= {"/".join(parts[:n]) for n in range(2, len(parts) + 1)}
        lower = {one.lower() for one in prefixes}
        for system, *_ in SYSTEMS.values():
            for file in (ROOT / "src/dialects" / system).glob("*.[ch]*"):
                if file.name.endswith("_test.cc") or file.name in ("testing.h", "openapi.cc", "openapi.h"):
                    continue
                code = re.sub(r"//.*", "", file.read_text())
                for path in re.findall(r'"(/[a-zA-Z0-9./_-]+)[?"]', code):
                    found = path.rstrip("/").lower()
                    known = any(one.endswith(found) for one in lower) or any(
                        self.document.operation(method, path) for method in ("get", "post"))
                    self.assertTrue(known, f"{file.name}: {path} is not described")


class PerRealm(operated.Operated):
    def test_a_document_for_each_prefix(self):
        self.configure(realms='[realms.chat]\ndialect = "chathub"\nprefix = "/chat"\n'
                              '[realms.ssi]\ndialect = "fastconnect"\n', more='[monitor]\npublic = "all"\n')
        port = self.serve()["listening"]
        status, headers, text = self.ask(port, "GET", "/openapi.json")
        self.assertEqual((status, headers["Content-Type"].split(";")[0]), (200, "application/json"))
        root = json.loads(text)
        self.assertIn("/api/v3/auth/token", root["paths"])
        self.assertNotIn("/api/operator", root["paths"])
        self.assertEqual(root["paths"]["/api/v3/auth/token"]["post"]["tags"], ["ssi"])
        for path in ("/livez", "/readyz", "/metrics", "/openapi.json"):
            self.assertIn(path, root["paths"])
            self.assertEqual(self.ask(port, "GET", path)[0], 200, path)
        chat = json.loads(self.ask(port, "GET", "/chat/openapi.json")[2])
        self.assertEqual(chat["servers"], [{"url": "/chat"}])
        self.assertIn("/api/operator", chat["paths"])
        self.assertEqual(self.ask(port, "POST", "/openapi.json", {})[0], 405)


if __name__ == "__main__":
    operated.main()
