#!/usr/bin/env python3
"""Backup, restore, migrate, and what they refuse: backup.py --bin DIRECTORY [TEST...]"""
import json
import os
import pathlib
import shutil
import sqlite3
import sys

import operated
from operated import Operated, PASSWORD

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from terminal import Watched  # noqa: E402


class Backup(Operated):
    @property
    def store(self):
        return self.path / "state/latchkeyd.db"

    def users(self):
        return [one["login"] for one in json.loads(self.admin("user", "list", "--realm", "chat", "--json"))]

    def add_user(self, login):
        self.admin("user", "create", "--realm", "chat", login, "--password-file", "-", input=PASSWORD + "\n")

    def test_goes_and_comes_while_an_authority_runs(self):
        self.add_company()
        port = self.serve()["listening"]
        token = json.loads(self.log_in(port)[2])
        saved = self.path / "saved.db"
        self.assertIn("schema", self.admin("backup", saved))
        self.assertEqual(saved.stat().st_mode & 0o777, 0o600)
        self.add_user("later")
        self.refused(5, "an authority runs on", "--config", self.path / "x.toml", "restore", saved, "--replace")
        self.stop()
        self.refused(5, "--replace puts it aside", "--config", self.path / "x.toml", "restore", saved)
        self.assertEqual(self.users(), ["company", "later"])
        self.assertIn("restored", self.admin("restore", saved, "--replace"))
        self.assertEqual(self.users(), ["company"])
        self.assertEqual(len([one for one in (self.path / "state").glob("latchkeyd.db.replaced-*") if "-wal" not in one.name
                              and "-shm" not in one.name]), 1)
        port = self.serve()["listening"]
        alive = self.ask(port, "GET", "/api/company/organization", headers={"Authorization": "Bearer " + token})
        self.assertEqual(alive[0], 403, "what was revoked since the backup must stay so")
        self.assertEqual(self.log_in(port)[0], 200)
        self.stop()
        self.assertIn("restored", [line["event"] for line in self.audit_lines()])
        self.assertEqual(self.run_program("--config", self.path / "x.toml", "audit", "verify",
                                          self.path / "state/audit.jsonl").returncode, 0)
        raw = saved.read_bytes()  # sealed and hashed as the store itself is
        for secret in (PASSWORD, token, (self.path / "master.key").read_text().strip()):
            self.assertNotIn(secret.encode(), raw)

    def test_a_backup_is_never_written_over(self):
        self.add_company()
        saved = self.path / "saved.db"
        self.admin("backup", saved)
        before = saved.read_bytes()
        self.refused(5, "never written over", "--config", self.path / "x.toml", "backup", saved)
        self.assertEqual(saved.read_bytes(), before)
        self.refused(4, "there is no store", "--config", self.other_state(), "backup", self.path / "y.db")
        self.refused(6, "cannot make", "--config", self.path / "x.toml", "backup", self.path / "nowhere/x.db")

    def other_state(self, key="master.key"):
        text = (self.path / "x.toml").read_text().replace("/state", "/other").replace("master.key", key)
        (self.path / "other.toml").write_text(text)
        return self.path / "other.toml"

    def test_on_another_machine(self):
        self.add_company()
        saved = self.path / "saved.db"
        self.admin("backup", saved)
        other = self.other_state()
        self.ok("--config", other, "restore", saved)
        listed = json.loads(self.ok("--config", other, "user", "list", "--realm", "chat", "--json"))
        self.assertEqual([one["login"] for one in listed], ["company"])
        tables = [row[0] for row in sqlite3.connect(self.path / "other/latchkeyd.db").execute(
            "SELECT name FROM sqlite_schema")]
        self.assertNotIn("backup_facts", tables)

    def test_what_is_not_restored(self):
        self.add_company()
        saved = self.path / "saved.db"
        self.admin("backup", saved)
        self.ok("key", "create", self.path / "other.key")
        self.refused(7, "not the master key", "--config", self.other_state("other.key"), "restore", saved)
        self.assertFalse((self.path / "other/latchkeyd.db").exists())
        self.assertEqual(list((self.path / "other").glob("*restoring*")), [])
        newer = self.path / "newer.db"
        shutil.copy(saved, newer)
        self.execute(newer, "PRAGMA user_version = 999")
        self.refused(7, "newer program", "--config", self.other_state(), "restore", newer)
        foreign = self.path / "foreign.db"
        self.execute(foreign, "CREATE TABLE x (y)")
        self.refused(7, "another program", "--config", self.other_state(), "restore", foreign)
        torn = self.path / "torn.db"
        data = bytearray(saved.read_bytes())
        torn.write_bytes(data[:len(data) // 2])
        self.refused(7, "", "--config", self.other_state(), "restore", torn)
        self.refused(7, "cannot read", "--config", self.other_state(), "restore", self.path / "nothing.db")
        self.assertFalse((self.path / "other/latchkeyd.db").exists())

    def at_terminal(self, *words):
        """One command with the passphrase typed at each prompt; what it said, and how often it asked."""
        prompts = []

        def answer():
            prompts.append(1)
            return PASSWORD

        done = Watched([self.program, "--config", str(self.path / "x.toml"), *map(str, words)],
                       {"PATH": os.environ["PATH"], "HOME": str(self.path)}, self.path, answer=answer).run()
        self.assertEqual(done.returncode, 0, done.stderr + done.shown)
        return done, len(prompts)

    def test_restore_asks_for_the_passphrase_once(self):
        self.configure(key="prompt = true")
        saved = self.path / "saved.db"
        self.assertEqual(self.at_terminal("organization", "list", "--realm", "chat", "--owner", "nobody")[1], 1)
        self.at_terminal("backup", saved)
        done, asked = self.at_terminal("restore", saved, "--replace")
        self.assertIn("restored", done.stdout)
        self.assertEqual(asked, 1)

    def execute(self, path, sql):
        database = sqlite3.connect(path)
        database.execute(sql)
        database.commit()
        database.close()
        path.chmod(0o600)

    def first_schema(self):
        """A store as the first version made it."""
        scripts = sorted((operated.ROOT / "src/store/sqlite/schema").glob("0*.sql"))
        (self.path / "state").mkdir(mode=0o700, exist_ok=True)
        database = sqlite3.connect(self.store)
        database.executescript(scripts[0].read_text() +
                               "PRAGMA user_version = 1; PRAGMA application_id = 1280001369;")
        database.close()
        self.store.chmod(0o600)
        return scripts

    def test_migrate_says_what_it_would_do_and_does_it(self):
        scripts = self.first_schema()
        before = self.store.read_bytes()
        said = self.admin("migrate", "--dry-run").splitlines()
        self.assertEqual(len(said), len(scripts) - 1)
        self.assertEqual(said[0], "would do schema 1 to 2: live access tokens")
        self.assertEqual(self.store.read_bytes(), before, "a dry run changes nothing")
        done = self.admin("migrate").splitlines()
        self.assertEqual(done[0], "did schema 1 to 2: live access tokens")
        self.assertIn("nothing to do", self.admin("migrate"))
        self.assertEqual(json.loads(self.admin("migrate", "--dry-run", "--json"))["steps"], [])
        self.serve()
        self.stop()

    def test_an_older_program_refuses_a_newer_store(self):
        self.add_company()
        self.execute(self.store, "PRAGMA user_version = 999")
        before = self.store.read_bytes()
        for words in (["serve"], ["migrate"], ["migrate", "--dry-run"], ["user", "list", "--realm", "chat"],
                      ["backup", self.path / "b.db"]):
            self.refused(7, "newer program", "--config", self.path / "x.toml", *words)
        self.assertEqual(self.store.read_bytes(), before)


if __name__ == "__main__":
    operated.main()
