#!/usr/bin/env python3
"""A restore that is cut short, and what an old store left behind: restore.py --bin DIRECTORY [TEST...]"""
import json
import pathlib
import shutil
import sqlite3
import sys

import operated
from operated import Operated

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from kernel import kill_at, require_strace, trace  # noqa: E402

LASTING = {"rename", "unlink", "fsync", "fdatasync", "openat"}


class Restore(Operated):
    def setUp(self):
        super().setUp()
        self.store = self.path / "state/latchkeyd.db"
        self.log = self.path / "state/latchkeyd.db-wal"
        self.saved = self.path / "saved.db"

    def leave_a_store(self):
        """A login, a backup of it, a user whom the backup does not know, and the power goes."""
        self.add_company()
        self.token = json.loads(self.log_in(self.serve()["listening"])[2])
        self.admin("backup", self.saved)
        self.admin("user", "create", "--realm", "chat", "later", "--password-file", "-", input="a long password\n")
        self.stop_all()
        self.assertTrue(self.log.exists(), "what was committed last is in the log alone")

    def in_store(self, sql):
        database = sqlite3.connect(self.store)
        rows = [row[0] for row in database.execute(sql)]
        database.close()
        return rows

    def users(self):
        return self.in_store("SELECT login FROM subjects ORDER BY login")

    def living(self):
        return self.in_store("SELECT count(*) FROM families WHERE revoked IS NULL")[0]

    def restore(self):
        return [self.program, "--config", self.path / "x.toml", "restore", self.saved, "--replace"]

    def test_wherever_it_is_killed_no_token_of_the_backup_lives(self):
        self.leave_a_store()
        before = self.path / "before"
        shutil.copytree(self.path / "state", before, ignore=shutil.ignore_patterns("*.sock"))
        done, calls = trace(self.restore(), self.path / "trace")
        self.assertEqual(done.returncode, 0, done.stderr)
        places = [call.place() for call in calls if call.name in LASTING]
        named = {call.name for call in calls if call.name in LASTING and str(self.store) in call.text}
        self.assertIn("rename", named)
        seen = set()
        for place in places:
            shutil.rmtree(self.path / "state")
            shutil.copytree(before, self.path / "state")
            kill_at(self.restore(), place)
            with self.subTest(place=place):
                self.assertTrue(self.store.exists() or not self.log.exists(), "a log without its database")
                found = self.users() if self.store.exists() else ["nothing"]
                if found == ["company"]:
                    self.assertEqual(self.living(), 0, "the backup is live with its tokens")
                seen.add(tuple(found))
        self.assertLessEqual({("company", "later"), ("company",)}, seen)
        self.ok(*self.restore()[1:])
        self.assertEqual((self.users(), self.living()), (["company"], 0))

    def test_a_log_that_lost_its_database_is_not_played_into_the_backup(self):
        self.leave_a_store()
        self.store.unlink()
        self.admin("restore", self.saved)
        self.assertEqual((self.users(), self.living()), (["company"], 0))
        self.assertEqual(self.in_store("PRAGMA integrity_check"), ["ok"])
        self.assertEqual(len(list((self.path / "state").glob("latchkeyd.db.replaced-*-wal"))), 1)
        port = self.serve()["listening"]
        alive = self.ask(port, "GET", "/api/company/organization", headers={"Authorization": "Bearer " + self.token})
        self.assertEqual(alive[0], 403)
        self.assertEqual(self.log_in(port)[0], 200)


if __name__ == "__main__":
    require_strace()
    operated.main()
