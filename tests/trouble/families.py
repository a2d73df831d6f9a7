#!/usr/bin/env python3
"""Families over HTTP: races for one token, revocation beside a running server and behind its back, an old backup.

    families.py --bin DIRECTORY                      // checklist 22, 23, 24, 63; promises I1, I5, I6, I9
"""
import argparse
import collections
import json
import shutil
import signal
import sys
import threading

from house import House

AT_ONCE = 16
wrong = []


def expect(what, good, seen=""):
    if not good:
        wrong.append(f"{what}: {seen}")


def at_once(work):
    together, answers = threading.Barrier(AT_ONCE), []

    def one():
        together.wait(60)
        answers.append(work())

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def restart(house):
    house.process.send_signal(signal.SIGTERM)
    house.process.wait(60)
    house.serve()


def races(binaries, window):
    """Sixteen bring the same token; then the process is another one, and they bring it again."""
    with House(binaries, {"replay_window": window}) as house:
        house.add_key("key")
        house.add_key("bystander")
        house.serve()
        bystander = house.log_in("bystander")
        for again in (False, True):
            first = house.log_in("key")
            if again:
                restart(house)
            answers = at_once(lambda: house.refresh(first["refreshToken"]))
            statuses = collections.Counter(answer[0] for answer in answers)
            texts = {answer[2] for answer in answers if answer[0] == 200}
            if window == "0s":
                expect("one of many may be first", statuses == {200: 1, 401: AT_ONCE - 1}, statuses)
                got = json.loads(texts.pop())
                expect("the reuse ended the family", house.refresh(got["refreshToken"])[0] == 401)
                expect("and its bearer", house.proof(got["accessToken"]) == 401)
                continue
            expect("in the window all are answered", statuses == {200: AT_ONCE}, statuses)
            expect("byte for byte the same", len(texts) == 1, len(texts))
            restart(house)
            later = house.refresh(first["refreshToken"])
            expect("after a restart too", later[2] in texts, later)
            got = json.loads(later[2])
            expect("its successor is good", house.refresh(got["refreshToken"])[0] == 200)
            expect("and closes the window", house.refresh(first["refreshToken"])[0] == 401)
            expect("which was reuse", house.proof(got["accessToken"]) == 401)
        expect("nobody else was hurt", house.proof(bystander["accessToken"]) == 200)


def revocations(binaries):
    """What an operator ends beside a running server is over with its acknowledgement."""
    with House(binaries) as house:
        house.admin("user", "create", "ann", "--password-file", house.secret_file("a password"))
        for key in ("one", "two", "three"):
            house.secrets[key] = house.admin("client", "create", key, "--owner", "ann")["client_secret"]
        house.add_key("other")
        house.serve()
        other = house.log_in("other")

        def ended(what, key, *words):
            held = house.log_in(key)
            expect(f"{what}: before", house.proof(held["accessToken"]) == 200)
            done = house.admin("grant", "revoke", *[word(held) if callable(word) else word for word in words])
            expect(f"{what}: said", done == {"revoked": 1}, done)
            expect(f"{what}: bearer", house.proof(held["accessToken"]) == 401)
            expect(f"{what}: refresh", house.refresh(held["refreshToken"])[0] == 401)

        ended("by client", "one", "--client", "one")
        ended("by user", "one", "--user", "ann")
        ended("by token", "two", "--token-file", lambda held: house.secret_file(held["accessToken"]))
        ended("by refresh token", "two", "--token-file", lambda held: house.secret_file(held["refreshToken"]))
        ended("by grant", "one", lambda held: house.admin("grant", "list", "--client", "one")[0]["id"])
        house.log_in("one")
        held = house.log_in("two")
        house.refresh(held["refreshToken"])
        holders = house.admin("grant", "holders", "--user", "ann")
        expect("holders", [one["client"] for one in holders] == ["two", "one"], holders)
        expect("what they hold", holders[0]["access"] == 2 and holders[0]["refresh"] == 1, holders[0])
        expect("the others lived on", house.proof(other["accessToken"]) == 200)
        done = house.admin("grant", "revoke", "--everyone")
        expect("everyone", done == {"revoked": 3}, done)
        expect("everyone: bearer", house.proof(other["accessToken"]) == 401)
        expect("no holders", house.admin("grant", "holders") == [])
        restart(house)
        expect("after a restart", house.proof(other["accessToken"]) == 401)


def hammered(house, access, end):
    """Asks without a pause while `end` runs; the statuses of what was asked after it was acknowledged."""
    acknowledged, answers = threading.Event(), []

    def ask():
        for _ in range(3):
            while True:
                after = acknowledged.is_set()
                status = house.proof(access)
                if after:
                    answers.append(status)
                    break

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    end()
    acknowledged.set()
    for thread in threads:
        thread.join(120)
    return answers


def another_process(binaries):
    """What a process beside the server ends in the file is over for the server too, whatever it remembers."""
    with House(binaries) as house:
        house.admin("user", "create", "ann", "--password-file", house.secret_file("a password"))
        house.secrets["one"] = house.admin("client", "create", "one", "--owner", "ann")["client_secret"]
        house.add_key("bystander")
        house.serve()
        bystander = house.log_in("bystander")
        # As if the command had begun before the server: it works on the file, not through the server.
        (house.directory / "state/latchkeyd.lock").unlink()
        for what, words in (("by client", lambda: ["grant", "revoke", "--client", "one"]),
                            ("by token", lambda: ["grant", "revoke", "--token-file", house.secret_file(held["accessToken"])]),
                            ("by grant", lambda: ["grant", "revoke", house.admin("grant", "list", "--client", "one")[0]["id"]]),
                            ("the client", lambda: ["client", "disable", "one"]),
                            ("the user", lambda: ["user", "disable", "ann"])):
            house.admin("client", "enable", "one")
            held = house.log_in("one")
            command = words()
            warm = [house.proof(held["accessToken"]) for _ in range(5)]
            expect(f"beside it, {what}: before", warm == [200] * 5, warm)
            answers = hammered(house, held["accessToken"], lambda: house.admin(*command))
            refused = {403} if what == "the user" else {401}
            expect(f"beside it, {what}: at once", set(answers) == refused, answers)
            expect(f"beside it, {what}: refresh", house.refresh(held["refreshToken"])[0] != 200)
            expect(f"beside it, {what}: the others", house.proof(bystander["accessToken"]) == 200)
        log = [json.loads(line) for line in (house.directory / "state/audit.jsonl").read_text().splitlines()]
        behind = [line["verb"] for line in log[[line["event"] for line in log].index("started"):]
                  if line.get("who", "").endswith("(here)") and line["verb"] != "client.enable"]
        expect("it was another process", behind == ["grant.revoke"] * 3 + ["client.disable", "user.disable"], behind)


def old_backup(binaries):
    """A revoked token is not good again because somebody puts an old database back."""
    with House(binaries) as house:
        for key in ("gone", "kept"):
            house.add_key(key)
        house.serve()
        gone, kept = house.log_in("gone"), house.log_in("kept")
        house.process.send_signal(signal.SIGTERM)
        house.process.wait(60)
        state = house.directory / "state"
        backup = house.directory / "backup"
        shutil.copytree(state, backup)
        house.serve()
        house.admin("grant", "revoke", "--client", "gone")
        expect("revoked", house.proof(gone["accessToken"]) == 401)
        house.process.send_signal(signal.SIGTERM)
        house.process.wait(60)
        for old in state.glob("latchkeyd.db*"):
            old.unlink()
        for old in backup.glob("latchkeyd.db*"):
            shutil.copy(old, state)
        house.serve()
        for name, held in (("gone", gone), ("kept", kept)):
            expect(f"old backup, {name}: bearer", house.proof(held["accessToken"]) == 401)
            expect(f"old backup, {name}: refresh", house.refresh(held["refreshToken"])[0] == 401)
        expect("whoever logs in anew is let in", house.proof(house.log_in("gone")["accessToken"]) == 200)
        restart(house)
        again = house.log_in("kept")
        restart(house)
        expect("and stays in", house.proof(again["accessToken"]) == 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    races(binaries, "0s")
    races(binaries, "10m")
    revocations(binaries)
    another_process(binaries)
    old_backup(binaries)
    print("\n".join(wrong) or "races, revocations and an old backup: one successor, and what was ended stays ended")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
