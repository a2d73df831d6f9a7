#!/usr/bin/env python3
"""Renewals of a login whose tokens are bound to a key: many programs at once, and one that is killed.
                                            // checklist 39, promises I1, I2, I3, I4, I7, from the broker's side

    bound_test.py --bin DIRECTORY [it_...]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from stage import SUPPORT, free_port, holds
import ledger
from five import vault_is_sound
from kernel import kill_at, require_strace, trace
from play import play
from sandbox import Broker, Sandbox

PROGRAMS = 10
CALL = ("request", "me", "GET", "/oauth2/userinfo")  # renews first, where the token has died
# Before each of these, and some of the others that change something; `tests/crash` takes all, with other logins.
DECISIVE = {"fdatasync", "fsync", "ftruncate", "fallocate", "unlink", "sendto", "sendmsg"}
EVERY = 6


class Desk:
    """A sandbox whose clock moves, and a broker that is logged in there."""

    def __init__(self, binaries, nonce):
        self.place = tempfile.mkdtemp(prefix="latchkey-")
        self.sandbox = Sandbox(binaries, "--dialect", "oauth2", "--set", f"oauth2.dpop_nonce={str(nonce).lower()}")
        self.broker = Broker(binaries, self.place)
        known = self.sandbox.info["systems"]["oauth2"]
        self.user = known["users"][0]
        service = next(client for client in known["clients"] if client["id"] == "demo-service")
        common = f'provider = "oauth2"\nissuer = "{self.sandbox.base}/oidc"\ndpop = true\n'
        self.broker.configure(
            f'[vault]\nkey = "file"\n[profiles.me]\n{common}client_id = "demo-native"\nreplay_window = "30s"\n'
            f'redirect_uri = "http://127.0.0.1:{free_port()}/cb"\nscope = "openid offline_access"\n'
            f'[profiles.service]\n{common}client_id = "demo-service"\nflow = "client_credentials"\n'
            f'client_secret_file = "{self.broker.secret_file("secret", service["secret"])}"\n')
        self.run("login", "me")

    def environment(self):
        offset = {"LATCHKEY_CLOCK_OFFSET": self.sandbox.offset} if self.sandbox.offset else {}
        person = {"BROWSER": str(SUPPORT / "person.py"), "PERSON_LOGIN": self.user["login"],
                  "PERSON_PASSWORD": self.user["password"], "PATH": os.environ["PATH"]}
        return dict(self.broker.environment, **offset, **person)

    def command(self, *words):
        return [str(self.broker.program), *words]

    def run(self, *words):
        done = subprocess.run(self.command(*words), env=self.environment(), capture_output=True, text=True, timeout=120)
        holds(f"latchkey {words[0]} does it", done.returncode == 0, (done.returncode, done.stderr))
        return done.stdout

    def at_once(self, *words):
        programs = [subprocess.Popen(self.command(*words), env=self.environment(), stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True) for _ in range(PROGRAMS)]
        return [(*program.communicate(timeout=120), program.returncode) for program in programs]

    def renewals(self):
        """Those that were made, not those that were refused for want of a nonce."""
        rows = json.loads(self.sandbox.fetch("GET", "/_sandbox/requests?last=10000")[2])
        return [row for row in rows if row["operation"] == "refresh" and row["status"] == 200]

    def in_clear(self):
        """Files of the broker that show a private key."""
        keys = (b"PRIVATE KEY", b'"d":')
        return [path for path in self.broker.home.rglob("*")
                if path.is_file() and any(key in path.read_bytes() for key in keys)]

    def judge(self):
        complaints = ledger.judge_files(self.sandbox.info["ledger"], None)
        holds("the ledger has no complaint", not complaints, complaints)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.close()
        shutil.rmtree(self.place, ignore_errors=True)


def it_makes_one_renewal_for_many_programs(binaries):
    for nonce in (False, True):
        with Desk(binaries, nonce) as desk:
            for _ in range(3):
                before = len(desk.renewals())
                desk.sandbox.advance("11m")
                for out, err, code in desk.at_once(*CALL):
                    holds(f"nonces {nonce}: is let in", code == 0 and json.loads(out)["sub"], (code, out, err))
                made = len(desk.renewals()) - before
                holds(f"nonces {nonce}: one renewal", made == 1, made)
            desk.judge()


def places(desk, *words):
    _, calls = trace(desk.command(*words), desk.broker.home.parent / "trace", env=desk.environment())
    lasting = [call for call in calls if call.lasts(desk.broker.home)]
    return [call.place() for at, call in enumerate(lasting) if call.name in DECISIVE or at % EVERY == 0]


def kill(desk, place, *words):
    done = kill_at(desk.command(*words), place, env=desk.environment())
    holds(f"a sound vault after a kill at {place}", vault_is_sound(desk.broker.home / ".local/state/latchkey/vault.db"))
    return done.returncode == -9


def it_has_its_key_after_a_kill_anywhere_in_a_renewal(binaries):
    require_strace()
    with Desk(binaries, True) as desk:
        desk.sandbox.advance("11m")
        all_places, killed = places(desk, *CALL), 0
        for place in all_places:
            desk.sandbox.advance("11m")
            killed += kill(desk, place, *CALL)
            holds(f"let in after a kill at {place}", json.loads(desk.run(*CALL))["sub"])
        holds("it was killed", killed > len(all_places) / 2, (killed, len(all_places)))
        holds("no key in clear", not desk.in_clear(), desk.in_clear())
        desk.judge()


def it_has_its_key_after_a_kill_anywhere_in_a_login(binaries):
    require_strace()
    call = ("request", "--json", "service", "GET", "/oauth2/userinfo")  # logs in first; nobody's token: 403, not 401
    with Desk(binaries, True) as desk:
        all_places, killed = places(desk, *call), 0
        for place in all_places:
            desk.run("logout", "service")
            desk.sandbox.advance("15m")  # or so many logins by themselves would be held back
            killed += kill(desk, place, *call)
            done = subprocess.run(desk.command(*call), env=desk.environment(), capture_output=True, text=True, timeout=120)
            holds(f"its own key after a kill at {place}", '"status": 403' in done.stdout, (done.stdout, done.stderr))
        holds("it was killed", killed > len(all_places) / 2, (killed, len(all_places)))


if __name__ == "__main__":
    sys.exit(play(globals()))
