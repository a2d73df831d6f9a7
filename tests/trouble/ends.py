#!/usr/bin/env python3
"""The end of an authority's process, asked for and not.    // promises I4, I11

    ends.py --bin DIRECTORY

SIGTERM while logins wait for their password hashes: each is answered. SIGTERM while eight clients rotate, each on
the connection that it keeps: each is answered, and told which answer is the last. SIGKILL while eight clients
rotate: after a restart the last token that each was given is good, and so is its bearer.
"""
import argparse
import http.client
import json
import signal
import sys
import threading
import urllib.parse

from house import House
from authority import Authority

LOGINS = 12
CLIENTS = 8
PATIENCE = 120
wrong = []


def connection(house):
    where = urllib.parse.urlsplit(house.base)
    return http.client.HTTPConnection(where.hostname, where.port, timeout=PATIENCE)


def drains(binaries):
    house = Authority(binaries, "chathub")
    text = house.config.read_text().replace("port = 0\n", 'port = 0\ndrain = "90s"\n')
    house.config.write_text('[monitor]\npublic = "health"\n' + text)
    try:
        house.admin("user", "create", "company", "--password-file", house.secret_file("a password"))
        house.serve()
        asked, answers, first = threading.Barrier(LOGINS), [], threading.Event()

        def log_in():
            line = connection(house)
            line.request("GET", "/livez")  # the server has taken this connection
            line.getresponse().read()
            asked.wait(PATIENCE)
            line.request("POST", "/api/company/get-token", json.dumps({"login": "company", "password": "a password"}),
                         {"Content-Type": "application/json"})
            try:
                answer = line.getresponse()
                answers.append((answer.status, len(answer.read())))
            except OSError as lost:
                answers.append((0, repr(lost)))
            first.set()

        threads = [threading.Thread(target=log_in) for _ in range(LOGINS)]
        for thread in threads:
            thread.start()
        first.wait(PATIENCE)  # the others have been read by then, and wait
        house.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(PATIENCE)
        code = house.process.wait(PATIENCE)
        good = [answer for answer in answers if answer[0] == 200 and answer[1] > 20]
        if len(good) != LOGINS:
            wrong.append(f"SIGTERM: of {LOGINS} logins under way {len(good)} were answered: {answers}")
        if code != 0:
            wrong.append(f"SIGTERM: exit code {code}")
    finally:
        house.process = None
        house.close()


def tells_who_stays(binaries):
    """Nobody's request is lost, though each client asks again the moment it is answered."""
    house = House(binaries, {})
    try:
        keys = [house.add_key(f"key-{n}") for n in range(CLIENTS)]
        house.serve()
        busy, told = threading.Barrier(CLIENTS + 1), []

        def rotate(key):
            token, line, count = house.log_in(key)["refreshToken"], connection(house), 0
            while True:
                line.request("POST", "/api/v3/auth/refresh", json.dumps({"refreshToken": token}),
                             {"Content-Type": "application/json"})
                answer = line.getresponse()
                text = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status} {text}")
                token, count = json.loads(text)["refreshToken"], count + 1
                if count == 5:
                    busy.wait(PATIENCE)
                if answer.getheader("Connection") == "close":
                    return told.append(key)

        def watch(key):
            try:
                rotate(key)
            except (OSError, http.client.HTTPException, RuntimeError) as lost:
                wrong.append(f"SIGTERM: {key} was lost: {lost!r}")
                busy.abort()

        threads = [threading.Thread(target=watch, args=(key,)) for key in keys]
        for thread in threads:
            thread.start()
        busy.wait(PATIENCE)
        house.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(PATIENCE)
        if house.process.wait(PATIENCE) != 0:
            wrong.append(f"SIGTERM: exit code {house.process.returncode}")
        return len(told)
    finally:
        house.process = None
        house.close()


def survives_a_kill(binaries):
    house = House(binaries, {"replay_window": "10m", "single_session": True})
    try:
        keys = [house.add_key(f"key-{n}") for n in range(CLIENTS)]
        ended = house.add_key("ended")
        house.serve()
        gone = house.log_in(ended)
        held, counts, stop = {}, dict.fromkeys(keys, 0), threading.Event()
        busy = threading.Barrier(CLIENTS + 1)

        def rotate(key):
            held[key] = house.log_in(key)
            busy.wait(PATIENCE)
            while not stop.is_set():
                try:
                    status, _, text = house.refresh(held[key]["refreshToken"])
                except (OSError, http.client.HTTPException):
                    return  # the process is gone
                if status != 200:
                    wrong.append(f"{key}: {status} {text}")
                    return
                held[key] = json.loads(text)
                counts[key] += 1

        threads = [threading.Thread(target=rotate, args=(key,)) for key in keys]
        for thread in threads:
            thread.start()
        busy.wait(PATIENCE)
        while sum(counts.values()) < 20 * CLIENTS and any(thread.is_alive() for thread in threads):
            stop.wait(0.01)
        house.admin("grant", "revoke", "--client", ended)
        house.process.kill()
        house.process.wait(PATIENCE)
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        house.serve()
        for key in keys:
            # Its answer may have been lost in the kill: the window gives the same one again.
            status, _, text = house.refresh(held[key]["refreshToken"])
            if status != 200:
                wrong.append(f"SIGKILL: the last token of {key} is lost: {status} {text}")
            proof = house.proof(held[key]["accessToken"])
            if proof != 200:
                wrong.append(f"SIGKILL: the last bearer of {key} is lost: {proof}")
        # Acknowledged the moment before the kill.
        if house.refresh(gone["refreshToken"])[0] != 401 or house.proof(gone["accessToken"]) != 401:
            wrong.append("SIGKILL: what was revoked lives again")
        return sum(counts.values())
    finally:
        house.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    drains(binaries)
    told = tells_who_stays(binaries)
    rotated = survives_a_kill(binaries)
    print("\n".join(wrong) or f"{LOGINS} logins drained; {told} clients told; {rotated} rotations, none of them lost by a kill")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
