#!/usr/bin/env python3
"""The audit log: audit.py --bin DIRECTORY [TEST...]"""
import json
import os
import signal
import sqlite3

import operated
from operated import Operated, PASSWORD

WRONG_PASSWORDS = 20  # an account's, in a quarter of an hour


class Audit(Operated):
    def verify(self, *files):
        done = self.run_program("--config", self.path / "x.toml", "audit", "verify", "--json", *files)
        return done.returncode, json.loads(done.stdout)

    def heard(self, event):
        """Reads the log until it says so."""
        for line in self.running[-1].stderr:
            if json.loads(line)["event"] == event:
                return
        self.fail("it ended without " + event)

    def test_tells_who_did_what(self):  # checklist 69
        self.add_company()
        port = self.serve()["listening"]
        self.log_in(port, "wrong")
        token = json.loads(self.log_in(port)[2])
        self.admin("user", "disable", "--realm", "chat", "company", "--why", "left\nthe company")
        self.refused(4, "no such user", "--config", self.path / "x.toml", "user", "disable", "--realm", "chat", "nobody")
        self.stop()
        lines = self.audit_lines()
        self.assertEqual([line["seq"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertEqual([line["event"] for line in lines],
                         ["admin", "started", "login_refused", "login", "admin", "admin", "stopped"])
        made, _, wrong, right, disabled, missing, _ = lines
        self.assertEqual(made["verb"], "user.create")
        self.assertEqual(made["who"], f"uid {os.getuid()} (here)")
        self.assertEqual(made["asked"], {"realm": "chat", "login": "company"})
        self.assertEqual((wrong["realm"], wrong["user"], wrong["detail"]), ("chat", "company", "bad_credentials"))
        self.assertEqual(right["user"], "company")
        self.assertRegex(right["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(disabled["who"], f"uid {os.getuid()}")
        self.assertEqual(disabled["asked"]["why"], "left?the company")
        self.assertEqual((disabled["result"], missing["result"]), ("ok", "not_found"))
        text = (self.path / "state/audit.jsonl").read_text()
        for secret in (PASSWORD, "wrong", token):  # checklist 68
            self.assertNotIn(secret, text)
        self.assertEqual((self.path / "state/audit.jsonl").stat().st_mode & 0o777, 0o600)

    def test_shows_what_was_done_to_it(self):
        self.add_company()
        self.serve()
        self.stop()
        log = self.path / "state/audit.jsonl"
        code, report = self.verify()
        self.assertEqual((code, report["whole"], report["first"], report["last"]), (0, True, 1, 3))
        whole = log.read_text().splitlines(keepends=True)
        changed = whole[0].replace("company", "another")
        for what, lines in (("changed", [changed, *whole[1:]]), ("cut out", [whole[0], *whole[2:]]),
                            ("cut off at the end", whole[:-1]), ("put in", [whole[0], *whole]),
                            ("emptied", [])):
            log.write_text("".join(lines))
            code, report = self.verify()
            self.assertEqual((code, report["whole"]), (1, False), what)
            self.assertIn("audit.jsonl", report["broken"], what)
        log.write_text("".join(whole))
        self.assertEqual(self.verify()[0], 0)

    def test_goes_on_in_a_new_file_after_a_rotation(self):
        log, old = self.path / "state/audit.jsonl", self.path / "state/audit.jsonl.1"
        self.serve()
        log.rename(old)
        self.running[-1].send_signal(signal.SIGHUP)
        self.heard("audit_reopened")
        self.add_company()
        self.stop()
        self.assertEqual([line["event"] for line in self.audit_lines("state/audit.jsonl.1")], ["started"])
        self.assertEqual([line["event"] for line in self.audit_lines()], ["admin", "stopped"])
        code, report = self.verify(old, log)
        self.assertEqual((code, report["last"]), (0, 3))
        code, report = self.verify(log)
        self.assertEqual((code, report["first"]), (0, 2))

    def test_routine_is_left_out_unless_it_is_wanted(self):
        self.ok("--config", self.path / "x.toml", "client", "create", "--realm", "ssi", "robot", "--secret-file",
                self.path / "robot.json")
        secret = json.loads((self.path / "robot.json").read_text())["client_secret"]
        self.assertNotIn(secret, (self.path / "state/audit.jsonl").read_text())
        for routine in ("false", "true"):
            self.configure(f"[audit]\nroutine = {routine}\n")
            port = self.serve()["listening"]
            login = {"apiKey": "robot", "apiSecret": secret}
            tokens = json.loads(self.ask(port, "POST", "/api/v3/auth/token", login)[2])
            spent = {"refreshToken": tokens["refreshToken"]}
            self.assertEqual(self.ask(port, "POST", "/api/v3/auth/refresh", spent)[0], 200)
            self.assertNotEqual(self.ask(port, "POST", "/api/v3/auth/refresh", spent)[0], 200)
            self.stop()
            since = [line["event"] for line in self.audit_lines()]
            since = since[len(since) - since[::-1].index("started"):]
            self.assertEqual("refresh" in since, routine == "true", since)
            self.assertIn("reuse", since)  # checklist 22
            self.assertNotIn(tokens["refreshToken"], (self.path / "state/audit.jsonl").read_text())

    def test_a_reuse_names_its_family_and_which_of_it_came_again(self):  # checklist 22, 69
        self.admin("user", "create", "--realm", "ssi", "ann", "--password-file", "-", input=PASSWORD + "\n")
        self.admin("client", "create", "--realm", "ssi", "robot", "--owner", "ann", "--secret-file", self.path / "robot.json")
        secret = json.loads((self.path / "robot.json").read_text())["client_secret"]
        port = self.serve()["listening"]
        login = {"apiKey": "robot", "apiSecret": secret}
        tokens = [json.loads(self.ask(port, "POST", "/api/v3/auth/token", login)[2])]
        for _ in range(2):
            again = self.ask(port, "POST", "/api/v3/auth/refresh", {"refreshToken": tokens[-1]["refreshToken"]})
            tokens.append(json.loads(again[2]))
        family = json.loads(self.admin("grant", "list", "--realm", "ssi", "--json"))[0]["id"]
        spent = {"refreshToken": tokens[1]["refreshToken"]}
        self.assertEqual(self.ask(port, "POST", "/api/v3/auth/refresh", spent)[0], 401)
        self.stop()
        reuse = [line for line in self.audit_lines() if line["event"] == "reuse"]
        self.assertEqual([(one["grant"], one["client"], one["user"], one["detail"]) for one in reuse],
                         [(family, "robot", "ann", "refresh token")])
        rows = sqlite3.connect(self.path / "state/latchkeyd.db").execute(
            "SELECT lower(hex(substr(refresh, 1, 8))), lower(hex(substr(parent, 1, 8))) FROM token_sets"
            " WHERE spent IS NOT NULL").fetchall()
        parents = dict(rows)
        self.assertEqual(parents[reuse[0]["token_hash"]], reuse[0]["parent_hash"])
        self.assertEqual(parents[reuse[0]["parent_hash"]], "", "its parent came of the login itself")
        self.assertRegex(reuse[0]["issued"] + reuse[0]["spent"], r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ){2}$")
        text = (self.path / "state/audit.jsonl").read_text()
        for one in tokens:  # checklist 68
            self.assertNotIn(one["refreshToken"], text)
            self.assertNotIn(one["accessToken"], text)

    def test_tells_of_an_account_that_is_locked(self):  # checklist 55, 69
        self.configure("[limits]\nwrong_logins = 0\n")
        self.add_company()
        port = self.serve()["listening"]
        self.assertEqual([self.log_in(port, "guess")[0] for _ in range(WRONG_PASSWORDS)], [401] * WRONG_PASSWORDS)
        self.assertNotIn("locked", [line["event"] for line in self.audit_lines()])
        self.assertEqual([self.log_in(port)[0] for _ in range(3)], [429] * 3)
        # While it runs: a line has left the process before the answer leaves.
        locked = [line for line in self.audit_lines() if line["event"] == "locked"]
        self.assertEqual([(one["realm"], one["user"], one["network"]) for one in locked], [("chat", "company", "127.0.0.1")])
        self.assertRegex(locked[0]["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        refused = [line["detail"] for line in self.audit_lines() if line["event"] == "login_refused"]
        self.assertEqual(refused, ["bad_credentials"] * WRONG_PASSWORDS + ["too_many"] * 3)

    def test_tells_of_a_suspension_and_who_ended_it(self):  # checklist 69
        self.configure("[realms.ssi.settings]\nclient_flood_per_second = 1\n")
        self.admin("client", "create", "--realm", "ssi", "robot", "--secret-file", self.path / "robot.json")
        login = {"apiKey": "robot", "apiSecret": json.loads((self.path / "robot.json").read_text())["client_secret"]}
        port = self.serve()["listening"]
        flood = [self.ask(port, "POST", "/api/v3/auth/token", login)[0] for _ in range(20)]
        self.assertEqual((flood[0], flood[-1]), (200, 401))
        self.admin("client", "enable", "--realm", "ssi", "robot")
        self.stop()
        lines = [line for line in self.audit_lines() if line["event"] in ("suspended", "admin")][1:]
        self.assertEqual([line["event"] for line in lines], ["suspended", "admin"])
        suspended, enabled = lines
        self.assertEqual([suspended[name] for name in ("realm", "client", "detail")], ["ssi", "robot", "flood"])
        self.assertEqual([enabled[name] for name in ("who", "verb", "result")], [f"uid {os.getuid()}", "client.enable", "ok"])
        self.assertEqual(enabled["asked"], {"realm": "ssi", "id": "robot"})

    def test_there_may_be_none(self):
        self.configure('[audit]\nfile = ""\n')
        self.add_company()
        self.serve()
        self.stop()
        self.assertFalse((self.path / "state/audit.jsonl").exists())
        self.refused(2, "no audit log", "--config", self.path / "x.toml", "audit", "verify")


if __name__ == "__main__":
    operated.main()
