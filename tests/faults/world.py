"""A sandbox that keeps a ledger, and what the tests here ask of it."""
import json
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import ledger  # noqa: E402
from rawline import RawLine, exchange  # noqa: E402
from sandbox import Sandbox  # noqa: E402

PATIENCE = 30
BIN = None  # where the programs are: set by run()


class World(unittest.TestCase):
    """One sandbox for all tests of a class; each test logs in anew."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        cls.addClassCleanup(folder.cleanup)
        cls.file = pathlib.Path(folder.name) / "events"
        cls.sandbox = Sandbox(BIN, "--ledger", str(cls.file), *cls.arguments)
        cls.addClassCleanup(cls.sandbox.close)
        cls.base = cls.sandbox.base
        systems = cls.sandbox.info["systems"]
        cls.system = systems["fastconnect"]
        cls.account, cls.other = cls.system["clients"][:2]

    def setUp(self):
        self.clear()

    # -- the honest wire ---------------------------------------------------------

    def path(self, operation):
        return self.system["endpoints"][operation]["path"]

    def send_login(self, account=None):
        account = account or self.account
        return RawLine(self.base).ask("POST", self.path("login"),
                                      {"apiKey": account["id"], "apiSecret": account["secret"]})

    def send_refresh(self, token):
        return RawLine(self.base).ask("POST", self.path("refresh"), {"refreshToken": token})

    def log_in(self, account=None):
        heard = self.send_login(account).hear()
        self.assertEqual(heard.status, 200, heard.text)
        return heard.json()

    def refresh(self, token):
        return self.send_refresh(token).hear()

    def lives(self, token):
        """Whether an access token is taken."""
        proof = self.system["endpoints"]["proof"]
        heard = exchange(self.base, proof["method"], proof["path"],
                         fields=[("Authorization", "Bearer " + token)])
        return heard.status == 200 and "401" not in heard.body.decode()[:20]

    # -- control -----------------------------------------------------------------

    def control(self, method, verb, body=""):
        return exchange(self.base, method, "/_sandbox/" + verb, body)

    def fault(self, fault, operation="refresh", system="fastconnect", **more):
        heard = self.control("POST", "fault", {"system": system, "operation": operation, "fault": fault, **more})
        self.assertEqual(heard.status, 200, heard.text)
        return heard.json()

    def clear(self):
        self.assertEqual(self.control("POST", "fault/clear", "{}").status, 200)

    # -- the ledger --------------------------------------------------------------

    def lines(self):
        return ledger.read(self.file)

    def last(self):
        return self.lines()[-1]

    def until(self, what):
        """Looks again and again, and gives up after a while."""
        end = time.monotonic() + PATIENCE
        while not what():
            self.assertLess(time.monotonic(), end, "it did not happen")


def run():
    global BIN
    BIN = pathlib.Path(sys.argv.pop(1))
    unittest.main(module="__main__", verbosity=1)


__all__ = ["World", "RawLine", "exchange", "json", "ledger", "run"]
