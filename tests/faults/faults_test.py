#!/usr/bin/env python3
"""Each fault as its bytes arrive, and what the ledger says of it: faults_test.py BIN [TEST…]"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import world  # noqa: E402
from world import RawLine, World, exchange, ledger  # noqa: E402


class Lost(World):
    """Answers that do not arrive."""

    def spent(self, token):
        """The authority did it: the old token is a replay now."""
        self.refresh(token)
        return self.last()["result"] == "replayed"

    def test_dropped_after_the_commit(self):
        token = self.log_in()["refreshToken"]
        self.fault("drop")
        heard = self.refresh(token)
        self.assertEqual((heard.text, heard.how), (b"", "closed"))
        line = self.last()
        self.assertEqual((line["op"], line["result"], line["fault"]), ("refresh", "ok", "drop"))
        self.assertEqual(line["token"], ledger.token_hash(token))
        self.assertEqual(line["parent"], line["token"])
        self.assertTrue(line["refresh"] and line["access"] and line["family"])
        self.assertTrue(self.spent(token))

    def test_dropped_before_anything_is_done(self):
        token = self.log_in()["refreshToken"]
        self.fault("drop", after_commit=False)
        self.assertEqual(self.refresh(token).text, b"")
        line = self.last()
        self.assertEqual((line["result"], line["fault"]), ("prevented", "drop"))
        self.assertNotIn("refresh", line)
        self.assertEqual(self.refresh(token).status, 200)

    def test_reset(self):
        token = self.log_in()["refreshToken"]
        self.fault("reset")
        heard = self.refresh(token)
        self.assertEqual((heard.text, heard.how), (b"", "reset"))
        self.assertTrue(self.spent(token))

    def test_cut_in_the_middle_of_the_body(self):
        token = self.log_in()["refreshToken"]
        self.fault("cut")
        heard = self.refresh(token)
        length = int(heard.field("Content-Length"))
        self.assertEqual((heard.status, heard.how), (200, "closed"))
        self.assertEqual(len(heard.body), length // 2)
        self.assertTrue(heard.body.startswith(b"{"))
        self.assertTrue(self.spent(token))

    def test_revoked_on_its_way(self):
        token = self.log_in()["refreshToken"]
        self.fault("revoke")
        heard = self.refresh(token)
        self.assertEqual(heard.status, 200)
        self.assertFalse(self.lives(heard.json()["accessToken"]))
        revoked, refreshed = self.lines()[-3:-1]
        self.assertEqual((revoked["op"], revoked["family"]), ("revoke", refreshed["family"]))
        self.assertEqual((refreshed["fault"], refreshed["ended"]), ("revoke", True))


class Late(World):
    def test_late_after_the_commit_delaying_nobody_else(self):
        token = self.log_in()["refreshToken"]
        self.fault("delay", after="1s")
        held = self.send_refresh(token)
        self.until(lambda: self.last()["op"] == "refresh")  # committed, and written down, before it arrives
        self.assertTrue(self.log_in(self.other))
        heard = held.hear()
        self.assertEqual(heard.status, 200)
        self.assertGreaterEqual(heard.first, 1)

    def test_late_before_anything_is_done(self):
        token = self.log_in()["refreshToken"]
        self.fault("delay", after="1s", after_commit=False)
        heard = self.refresh(token)
        self.assertEqual(heard.status, 200)
        line = self.last()
        self.assertEqual((line["result"], line["fault"]), ("ok", "delay"))
        self.assertGreaterEqual(line["real"] - line["began"], 1_000_000)

    def test_every_fault_may_be_late(self):
        token = self.log_in()["refreshToken"]
        self.fault("fail", status=503, after="1s")
        heard = self.refresh(token)
        self.assertEqual(heard.status, 503)
        self.assertGreaterEqual(heard.first, 1)


class Stopped(World):
    """A drain ends what is held back."""

    def stop_while(self, **fault):
        token = self.log_in()["refreshToken"]
        self.fault("delay", after="10m", **fault)
        held = self.send_refresh(token)
        self.until(lambda: self.control("GET", "faults").json()[-1]["struck"] == 1)
        self.assertEqual(self.sandbox.close(), 0)
        heard = held.hear()
        self.assertEqual((heard.text, heard.how), (b"", "closed"))

    def setUp(self):
        super().setUpClass()
        self.addCleanup(self.doClassCleanups)

    @classmethod
    def setUpClass(cls):
        pass

    def test_an_answer_that_is_late(self):
        self.stop_while()

    def test_a_request_that_is_done_late(self):
        self.stop_while(after_commit=False)


class Refused(World):
    def test_5xx_after_the_commit(self):
        for status in (500, 502, 503, 504, 599):
            token = self.log_in()["refreshToken"]
            self.fault("fail", status=status)
            heard = self.refresh(token)
            self.assertEqual(heard.status, status)
            self.assertIsNone(heard.field("Retry-After"))
            self.assertNotIn("refreshToken", heard.json())
            self.assertEqual(self.last()["result"], "ok")

    def test_before_anything_is_done(self):
        token = self.log_in()["refreshToken"]
        self.fault("fail", status=503, after_commit=False)
        self.assertEqual(self.refresh(token).status, 503)
        self.assertEqual(self.last()["result"], "prevented")
        self.assertEqual(self.refresh(token).status, 200)

    def test_every_form_of_retry_after(self):
        token = self.log_in()["refreshToken"]
        for text, seconds in (("7", 7), ("0", None), ("-5", None), ("soon", None), ("1.5", None),
                              ("99999999999999999999", 86400), ("Wed, 21 Oct 2015 07:28:00 GMT", None),
                              ("Fri, 31 Dec 9999 23:59:59 GMT", 86400), ("3, 4", None)):
            self.fault("fail", status=429, after_commit=False, retry_after=text)
            heard = self.refresh(token)
            self.assertEqual((heard.status, heard.field("Retry-After")), (429, text))
            self.assertEqual(self.last().get("retry_after"), seconds, text)


class Hostile(World):
    def struck(self, fault, **more):
        token = self.log_in()["refreshToken"]
        self.fault(fault, **more)
        heard = self.refresh(token)
        self.assertEqual(heard.status, 200)
        line = next(line for line in reversed(self.lines()) if line["op"] == "refresh")
        self.assertEqual((line["fault"], line["result"]), (fault, "ok"))
        return heard, line

    def test_a_page_of_a_proxy(self):
        heard, _ = self.struck("html")
        self.assertTrue(heard.field("Content-Type").startswith("text/html"))
        self.assertTrue(heard.body.startswith(b"<!doctype html>"))

    def test_nothing(self):
        heard, _ = self.struck("empty")
        self.assertEqual((heard.body, heard.field("Content-Length")), (b"", "0"))

    def test_half_of_the_json_under_an_honest_length(self):
        heard, _ = self.struck("truncated")
        self.assertEqual(int(heard.field("Content-Length")), len(heard.body))
        self.assertRaises(ValueError, heard.json)

    def test_every_member_twice(self):
        heard, line = self.struck("twice")
        pairs = world.json.loads(heard.body, object_pairs_hook=list)
        tokens = [value for name, value in pairs if name == "refreshToken"]
        self.assertEqual(len(tokens), 2)
        self.assertEqual(ledger.token_hash(tokens[0]), line["refresh"])
        self.assertEqual(tokens[1], "another")

    def test_an_absurd_end(self):
        self.assertEqual(self.struck("absurd-expiry")[0].json()["expiresAt"], 9223372036854775807)
        self.assertEqual(self.struck("absurd-expiry", value="-1")[0].json()["expiresAt"], -1)

    def test_a_line_end_in_a_token(self):
        heard, line = self.struck("crlf-token")
        token = heard.json()["accessToken"]
        self.assertTrue(token.endswith("\r\nX-Injected: 1"))
        self.assertEqual(ledger.token_hash(token.removesuffix("\r\nX-Injected: 1")), line["access"])
        self.assertIsNone(heard.field("X-Injected"))

    def test_a_wrong_content_type(self):
        heard, _ = self.struck("wrong-type")
        self.assertEqual(heard.field("Content-Type"), "application/octet-stream")
        self.assertIn("refreshToken", heard.json())

    def test_a_huge_body(self):
        heard, _ = self.struck("huge")
        self.assertEqual(int(heard.field("Content-Length")), len(heard.body))
        self.assertGreater(len(heard.body), 64 << 20)
        self.assertEqual(heard.body.rstrip()[-1:], b"}")
        heard, _ = self.struck("huge", bytes=1000)
        self.assertEqual(heard.body[-1000:], b" " * 1000)

    def test_chunks_without_end_until_the_peer_leaves(self):
        token = self.log_in()["refreshToken"]
        self.fault("endless")
        line = self.send_refresh(token)
        heard = line.hear(most=8 << 20)
        self.assertEqual((heard.status, heard.field("Transfer-Encoding")), (200, "chunked"))
        self.assertIsNone(heard.field("Content-Length"))
        self.assertTrue(heard.body.lstrip(b"0123456789abcdef\r\n").startswith(b"{"))
        self.assertTrue(self.log_in(self.other))


class Aimed(World):
    """Whom a fault strikes, and how often."""

    def pattern(self, times, account=None):
        """x for a login that was struck."""
        return "".join("." if self.send_login(account).hear().text else "x" for _ in range(times))

    def test_by_count(self):
        self.fault("drop", "login", count=2)
        self.assertEqual(self.pattern(4), "xx..")

    def test_not_the_first_ones(self):
        self.fault("drop", "login", skip=2)
        self.assertEqual(self.pattern(4), "..x.")

    def test_one_client_only(self):
        self.fault("drop", "login", client=self.other["id"], probability=1)
        self.assertEqual((self.pattern(2), self.pattern(2, self.other)), ("..", "xx"))

    def test_one_client_whose_request_does_not_name_it(self):
        mine, theirs = (self.log_in(account)["refreshToken"] for account in (self.account, self.other))
        self.fault("drop", client=self.other["id"])
        self.assertEqual((self.refresh(mine).status, self.refresh(theirs).status), (200, None))

    def test_one_system_only(self):
        self.fault("drop", "login", system="chathub", probability=1)
        self.assertEqual(self.pattern(2), "..")

    def test_by_probability_as_its_seed_says(self):
        self.fault("drop", "login", probability=0.5, seed=7)
        self.assertEqual(self.pattern(16), "".join("x" if splitmix(7, n) < 1 << 63 else "." for n in range(16)))

    def test_a_seed_that_nobody_named_is_told(self):
        rule = self.fault("drop", "login", probability=0.5)
        seen = self.pattern(16)
        self.clear()
        self.fault("drop", "login", probability=0.5, seed=rule["seed"])
        self.assertEqual(self.pattern(16), seen)

    def test_what_is_listed(self):
        self.fault("drop", "login", count=2)
        self.pattern(3)
        listed = self.control("GET", "faults").json()
        self.assertEqual([(rule["fault"], rule["matched"], rule["struck"]) for rule in listed], [("drop", 3, 2)])
        self.assertEqual(self.control("POST", "fault/clear", "{}").json(), {"cleared": 1})
        self.assertEqual(self.control("GET", "faults").json(), [])

    def test_names_that_are_not_there(self):
        for body in ({"system": "nobody"}, {"operation": "fresh"}, {"client": "nobody"}, {"fault": "droop"},
                     {"system": "chathub", "client": self.account["id"]}):
            heard = self.control("POST", "fault", {"fault": "drop", **body})
            self.assertEqual((heard.status, heard.json()["error"]), (404, "unknown_name"), body)
        self.assertEqual(self.control("POST", "fault", {"fault": "drop", "cuont": 1}).status, 400)
        self.assertEqual(self.control("GET", "faults").json(), [])

    def test_no_page_of_a_browser_may_do_it(self):
        line = RawLine(self.base)
        line.socket.sendall(b"POST /_sandbox/fault HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 2\r\n"
                            b"Content-Type: application/json\r\nConnection: close\r\n\r\n{}")
        self.assertEqual(line.hear().status, 403)
        line = RawLine(self.base)
        line.socket.sendall(b"POST /_sandbox/fault/clear HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n"
                            b"Content-Type: text/plain\r\nConnection: close\r\n\r\n{}")
        self.assertEqual(line.hear().status, 400)


def splitmix(seed, n):
    """The finalizer of splitmix64, written from its description."""
    mask = (1 << 64) - 1
    z = (seed + (n + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


class Everywhere(World):
    """The other systems pass the same place."""

    def test_a_company_that_logs_in_with_a_password(self):
        company = self.sandbox.info["systems"]["chathub"]
        body = {name: company["users"][0][name] for name in ("login", "password")}
        self.fault("drop", "login", system="chathub", client=body["login"])
        ask = ("POST", company["endpoints"]["login"]["path"], body)
        self.assertEqual(exchange(self.base, *ask).text, b"")
        dropped = self.last()
        self.assertEqual((dropped["system"], dropped["user"], dropped["result"], dropped["fault"]),
                         ("chathub", body["login"], "ok", "drop"))
        token = exchange(self.base, *ask).json()
        self.assertEqual(self.last()["access"], ledger.token_hash(token))

    def test_bare_tokens_can_be_spoiled(self):
        company = self.sandbox.info["systems"]["chathub"]
        body = {name: company["users"][0][name] for name in ("login", "password")}
        for fault, seen in (("twice", b'"token":"another"'), ("crlf-token", b"\\r\\nX-Injected"),
                            ("truncated", b'"ey')):
            self.fault(fault, "login", system="chathub")
            heard = exchange(self.base, "POST", company["endpoints"]["login"]["path"], body)
            self.assertIn(seen, heard.body)


if __name__ == "__main__":
    world.run()
