#!/usr/bin/env python3
"""The ledger and its verdict, from the command line: verdict_test.py BIN [TEST…]"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import world  # noqa: E402
from world import World, json, ledger  # noqa: E402
from person import TOKENS, UUID, Person  # noqa: E402
from sandbox import Broker, Sandbox  # noqa: E402


class Told(World):
    def program(self, *words):
        return subprocess.run([world.BIN / "latchkeyd", "sandbox", *words], capture_output=True, text=True,
                              env=self.sandbox.environment, timeout=60)

    def verdict(self, *words):
        done = self.program("verdict", *words)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_faults_from_the_command_line(self):
        done = self.program("fault", "fastconnect", "refresh", "fail", "--status", "429", "--retry-after", "soon",
                            "--before", "--client", self.account["id"], "--count", "3", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rule = json.loads(done.stdout)
        self.assertEqual({name: rule[name] for name in rule if name != "number"},
                         {"system": "fastconnect", "operation": "refresh", "client": self.account["id"],
                          "fault": "fail", "after_commit": False, "status": 429, "retry_after": "soon", "count": 3,
                          "matched": 0, "struck": 0})
        self.assertIn("seed ", self.program("fault", "any", "any", "drop", "--probability", "0.5").stdout)
        heading, first, _ = self.program("faults").stdout.splitlines()
        self.assertEqual(heading.split()[:5], ["number", "system", "operation", "client", "fault"])
        self.assertEqual(first.split()[1:5], ["fastconnect", "refresh", self.account["id"], "fail"])
        self.assertEqual(self.program("fault", "clear").stdout, "cleared 2\n")
        self.assertEqual(json.loads(self.program("faults", "--json").stdout), [])

    def test_faults_that_make_no_sense(self):
        for code, says, *words in ((2, "SYSTEM OPERATION FAULT", "fault"),
                                   (2, "SYSTEM OPERATION FAULT", "fault", "fastconnect", "refresh"),
                                   (4, "there is no fault droop", "fault", "any", "any", "droop"),
                                   (4, "no such system", "fault", "nobody", "any", "drop"),
                                   (2, "a delay says how long", "fault", "any", "any", "delay"),
                                   (2, "needs the answer", "fault", "any", "any", "cut", "--before"),
                                   (2, "probability", "fault", "any", "any", "drop", "--probability", "2"),
                                   (4, "no ledger", "verdict", "--ledger", str(self.file) + ".none")):
            done = self.program(*words)
            self.assertEqual(done.returncode, code, (words, done.stderr))
            self.assertIn(says, done.stderr)

    def test_the_document_names_the_faults_and_the_ledger(self):
        info = json.loads(self.program("info").stdout)
        self.assertEqual(info["ledger"], str(self.file))
        self.assertIn("crlf-token", info["control"]["faults"])

    def test_a_lost_answer_is_an_orphan_until_its_family_ends(self):
        code, text = self.verdict("--json")
        self.assertEqual(code, 0, text)
        token = self.log_in()["refreshToken"]
        self.fault("drop")
        self.refresh(token)
        code, text = self.verdict("--json")
        orphans = [family for family in json.loads(text)["families"] if family["orphaned"]]
        self.assertEqual((code, len(orphans), orphans[0]["lost"]), (1, 1, 1))
        code, text = self.verdict()
        self.assertEqual((code, text.splitlines()[-1]), (1, "guilty"))
        self.assertIn("ORPHANED", text)
        self.refresh(token)  # a reuse ends it
        code, text = self.verdict()
        self.assertEqual((code, text.splitlines()[-1]), (0, "clean"), text)

    def test_a_ledger_that_is_guilty(self):
        first = self.log_in()
        self.refresh(first["refreshToken"])
        guilty = self.file.with_suffix(".guilty")
        self.addCleanup(guilty.unlink)
        lines = self.lines()
        again = dict(lines[-1], access="0" * 16, refresh="1" * 16)
        guilty.write_text("".join(json.dumps(line) + "\n" for line in [*lines, again]))
        code, text = self.verdict("--ledger", str(guilty))
        self.assertEqual(code, 1)
        self.assertIn("SPENT TWICE", text)
        self.assertEqual([complaint.split()[0] for complaint in ledger.judge_files(guilty)], ["I1"])
        self.assertEqual(ledger.judge_files(self.file), [])

    def test_no_token_stands_in_the_ledger(self):
        first = self.log_in()
        second = self.refresh(first["refreshToken"]).json()
        text = self.file.read_text()
        for secret in (first["accessToken"], first["refreshToken"], second["refreshToken"], self.account["secret"]):
            self.assertNotIn(secret, text)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)


class Plain(unittest.TestCase):
    def test_keeps_no_ledger_and_serves_no_faults(self):
        with Sandbox(world.BIN, "--plain") as sandbox:
            self.assertNotIn("ledger", sandbox.info)
            for words, says in ((["fault", "any", "any", "drop"], "there is no POST fault"),
                                (["faults"], "there is no GET faults"), (["verdict"], "keeps no ledger")):
                done = subprocess.run([world.BIN / "latchkeyd", "sandbox", *words, "--url", sandbox.base],
                                      capture_output=True, text=True, env=sandbox.environment, timeout=60)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(says, done.stderr)


class Pages(World):
    def test_tokens_that_a_page_shows_stand_in_the_ledger(self):
        alor = self.sandbox.info["systems"]["alor"]
        user = alor["users"][0]
        kind, text = Person(user["login"], user["password"]).walk(self.base + alor["endpoints"]["page"]["path"])
        self.assertEqual(kind, "page")
        line = next(line for line in reversed(self.lines()) if line["op"] == "issue")
        self.assertEqual((line["system"], line["user"]), ("alor", user["login"]))
        self.assertIn(line["access"], {ledger.token_hash(token) for token in TOKENS.findall(text)})
        self.assertIn(line["refresh"], {ledger.token_hash(token) for token in UUID.findall(text)})

    def test_codes_are_tokens_that_can_be_used_once(self):
        sinopac = self.sandbox.info["systems"]["sinopac"]
        user, app = sinopac["users"][0], sinopac["clients"][0]
        callback = app["redirect_uris"][0]
        query = urllib.parse.urlencode({"response_type": "code", "client_id": app["id"], "redirect_uri": callback,
                                        "state": "abcd1234"})
        kind, where = Person(user["login"], user["password"]).walk(
            self.base + sinopac["endpoints"]["authorize"]["path"] + "?" + query)
        self.assertEqual(kind, "redirect")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(where).query)["code"][0]
        form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": callback,
                                       "client_id": app["id"], "client_secret": app["secret"]})
        for result in ("ok", "replayed"):
            self.sandbox.fetch("POST", sinopac["endpoints"]["exchange"]["path"], form,
                               {"Content-Type": "application/x-www-form-urlencoded"})
            line = self.last()
            self.assertEqual((line["op"], line["token"], line["result"]), ("exchange", ledger.token_hash(code), result))
        self.assertEqual(ledger.judge_files(self.file), [])


class Clients(World):
    """`latchkey` itself, at a till whose refresh tokens can be used once."""

    arguments = ("--set", "tconnect.rotation=single-use")

    def setUp(self):
        super().setUp()
        till = self.sandbox.info["systems"]["tconnect"]
        user, app = till["users"][0], till["clients"][0]
        folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.addCleanup(folder.cleanup)
        self.broker = Broker(world.BIN, folder.name)
        secrets = {name: self.broker.secret_file(name, text) for name, text in
                   (("password", user["password"]), ("client_secret", app["secret"]), ("aes_key", app["shared_key"]))}
        self.broker.configure(f'[profiles.desk]\nprovider = "tconnect"\nbase_url = "{self.base}"\n'
                              f'username = "{user["login"]}"\nclient_id = "{app["id"]}"\n'
                              f'partner_code = "{app["partner"]}"\n'
                              + "".join(f'{name}_file = "{path}"\n' for name, path in secrets.items()))
        self.book = ledger.ClientLedger(pathlib.Path(folder.name) / "clients")

    def run_client(self, *words, profile="desk"):
        began = time.time()
        done = self.broker.run(*words, offset=self.sandbox.offset)
        token = done.stdout if words[0] == "token" and done.returncode == 0 else None
        self.book.record(" ".join(words), done.returncode, began, profile=profile, token=token)
        return done

    def ok(self, *words, **more):
        done = self.run_client(*words, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_an_honest_client_is_innocent(self):
        self.ok("login", "desk")
        self.ok("token", "desk")
        before = len(ledger.effective_refreshes(self.lines(), "tconnect"))
        self.sandbox.advance("11h")
        self.ok("token", "desk")
        self.ok("refresh", "desk")
        self.ok("token", "desk")
        self.assertEqual(len(ledger.effective_refreshes(self.lines(), "tconnect")), before + 2)
        self.assertEqual(ledger.judge_files(self.file, self.book.path), [])

    def test_no_hostile_answer_becomes_a_token(self):
        """I11: what is printed was issued, to the letter, whatever stood around it."""
        for fault in ("drop", "reset", "cut", "fail", "html", "empty", "truncated", "twice", "absurd-expiry",
                      "crlf-token", "wrong-type", "huge", "endless", "revoke"):
            self.ok("login", "desk")
            self.sandbox.advance("11h")
            self.fault(fault, system="tconnect")
            self.run_client("token", "desk")
            self.assertEqual(self.control("GET", "faults").json()[0]["struck"], 1, fault)
            self.clear()
            printed = self.ok("token", "desk")
            self.assertRegex(printed, r"\A[\w.-]+\n\Z", fault)
            self.assertEqual([line for line in ledger.judge_files(self.file, self.book.path, at_rest=False)
                              if line.startswith("I11") or line.startswith("I1 ")], [], fault)


class Crashed(World):
    def test_what_was_answered_stands_there_after_a_kill_and_goes_on(self):
        folder = self.file.parent / "kept"
        sandbox = Sandbox(world.BIN, "--dir", str(folder))
        self.addCleanup(sandbox.close)
        file = pathlib.Path(sandbox.info["ledger"])
        self.assertEqual(file, folder / "ledger.jsonl")
        base, self.__class__.base = self.base, sandbox.base
        token = self.log_in()["refreshToken"]
        os.kill(sandbox.process.pid, signal.SIGKILL)
        sandbox.process.wait()
        self.assertEqual(ledger.read(file)[-1]["refresh"], ledger.token_hash(token))
        with open(file, "a", encoding="utf-8") as torn:
            torn.write('{"op":"refr')
        again = Sandbox(world.BIN, "--dir", str(folder))
        self.addCleanup(again.close)
        self.__class__.base = again.base
        self.assertEqual(self.refresh(token).status, 200)
        self.__class__.base = base
        line = ledger.read(file)[-1]
        self.assertEqual((line["op"], line["parent"], line["result"]), ("refresh", ledger.token_hash(token), "ok"))
        self.assertEqual(ledger.judge_files(file), [])


if __name__ == "__main__":
    world.run()
