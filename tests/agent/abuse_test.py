#!/usr/bin/env python3
"""The agent's socket under abuse: floods, half-open and slow peers, absurd requests, another user,
listeners that do not read, and a hook that crashes or hangs.                  // promise I8

    abuse_test.py DIRECTORY-OF-PROGRAMS [unittest arguments]

Exits with 77 after the rest where no other user can be played.
"""
import json
import os
import pathlib
import resource
import socket
import sys
import time
import unittest

import case
from agent import Events, connect, read_all, until

SKIPPED = 77
NOBODY = 65534
AS_TEXT = {"Accept": "text/plain"}


class Case(case.Case):
    def agent(self, **options):
        agent = super().agent(**options)
        self.assertEqual(agent.said, "ready")
        return agent


class Peers(Case):
    def setUp(self):
        super().setUp()
        self.five.login("alor")
        self.token = self.five.token("alor")
        self.at_work = self.agent()
        self.assert_it_answers()

    def assert_it_answers(self):
        begin = time.monotonic()
        status, text = self.at_work.ask("GET", "/v1/token/alor", AS_TEXT)
        self.assertEqual((status, text), (200, self.token + "\n"))
        self.assertLess(time.monotonic() - begin, 1)

    def open(self, count, bytes_sent):
        connections = []
        for _ in range(count):
            connection = connect(self.at_work.socket, 10)
            self.addCleanup(connection.close)
            try:
                connection.sendall(bytes_sent)
            except OSError:
                pass  # it made room for another one
            connections.append(connection)
        return connections

    def test_a_flood_of_half_open_ones(self):
        before = self.at_work.descriptors()
        for sent in (b"", b"GET /v1/token/alor HTTP/1.1\r\nHost: loc", b"POST /v1/unlock HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Length: 10\r\n\r\nopen"):
            connections = self.open(600, sent)
            self.assert_it_answers()
            self.assertLess(self.at_work.descriptors(), 400)
            for connection in connections:
                connection.close()
        self.assert_it_answers()
        self.assertTrue(until(lambda: self.at_work.descriptors() <= before + 2), self.at_work.descriptors())

    def test_half_open_ones_are_closed_in_time(self):
        connection, = self.open(1, b"GET /v1/token/alor HTTP/1.1\r\n")
        begin = time.monotonic()
        answer = read_all(connection)
        self.assertIn(b" 408 ", answer.split(b"\r\n")[0])
        self.assertLess(time.monotonic() - begin, 8)

    def test_absurd_requests(self):
        head = b"GET /v1/token/alor HTTP/1.1\r\nHost: localhost\r\n"
        rows = [(head + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 431), (head + b"A: b\r\n" * 1000 + b"\r\n", 431),
                (b"POST /v1/unlock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n", 413),
                (b"\x16\x03\x01\x02\x00\x01", 400), (b"GET / HTTP/1.1\r\n\r\n", 400),
                (head.replace(b"/v1/", b"/v1/../") + b"\r\n", 400), (head + b"Host: localhost\r\n\r\n", 400),
                (b"GET /v1/token/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), (b"\r\n" * 20000, 400)]
        for sent, status in rows:
            with connect(self.at_work.socket, 10) as connection:
                try:
                    connection.sendall(sent)
                except OSError:
                    pass  # refused before it was all there
                first = read_all(connection).split(b"\r\n")[0]
            self.assertIn(first.split(b" ")[1:2], ([str(status).encode()], []), (sent[:60], first))
            self.assert_it_answers()

    def test_one_who_does_not_take_the_answer(self):
        for connection in self.open(300, b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50):
            connection.settimeout(0.1)
        self.assert_it_answers()
        self.assertLess(self.at_work.memory(), 100 * 2**20)

    def test_listeners_who_do_not_read(self):
        for _ in range(40):
            connection = connect(self.at_work.socket, 10)
            self.addCleanup(connection.close)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assert_it_answers()
        self.assertLessEqual(self.at_work.status()["agent"]["listeners"], 32)

    def test_listeners_come_and_go(self):
        for _ in range(50):
            with Events(self.at_work.socket):
                pass
        self.assertTrue(until(lambda: self.at_work.status()["agent"]["listeners"] == 0))

    @unittest.skipUnless(os.geteuid() == 0, "only root can play another user")
    def test_another_user_is_refused(self):
        place = pathlib.Path(self.at_work.socket)
        for folder in (self.five.directory, self.broker.home, place.parent):
            folder.chmod(0o711)
        place.chmod(0o666)
        heard, say = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
                with connect(place, 10) as connection:
                    try:
                        connection.sendall(b"GET /v1/token/alor HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    except OSError:
                        pass
                    os.write(say, read_all(connection) or b"closed")
            except OSError as error:
                os.write(say, str(error).encode())
            finally:
                os._exit(0)
        os.close(say)
        os.waitpid(child, 0)
        with os.fdopen(heard, "rb") as words:
            answer = words.read()
        self.assertTrue(answer.startswith(b"HTTP/1.1 403 ") or answer == b"closed", answer)
        self.assertNotIn(self.token.encode(), answer)
        self.assertIn('"event":"foreign_peer"', self.at_work.log_text())
        self.assert_it_answers()


class Hooks(Case):
    def hook(self, script, remind="48h"):
        program = self.broker.home / "hook"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o700)
        self.five.configure(head=f'[agent]\nnotify = ["{program}", "an argument"]\nremind = "{remind}"\n')
        return self.broker.home / "heard"

    def test_hears_of_every_event(self):
        heard = self.hook(f'{{ echo "$1"; cat; env; }} > "{self.broker.home}/heard.new"\n'
                          f'mv "{self.broker.home}/heard.new" "{self.broker.home}/heard"\n')
        text = self.five.config(head=(self.broker.home / ".config/latchkey/config.toml").read_text().split("[profiles")[0])
        self.broker.configure(text.replace(f'api_secret_file = "{self.five.files["ssi-secret"]}"', 'api_secret_env = "DESK"'))
        secret = self.five.secrets["ssi-secret"]
        self.five.login("alor")
        agent = self.agent(extra={"DESK": secret})
        agent.ask("GET", "/v1/token/alor")
        with agent.events() as events:
            self.broker.run("refresh", "alor")
            told = events.next("rotated")
        self.assertTrue(until(heard.exists))
        argument, line, *variables = heard.read_text().split("\n")
        self.assertEqual(argument, "an argument")
        self.assertEqual(json.loads(line), told)
        self.assertIn("LATCHKEY_EVENT=rotated", variables)
        self.assertIn("LATCHKEY_PROFILE=alor", variables)
        self.assertIn("LATCHKEY_ACCESS_UNTIL=" + told["access"]["until"], variables)
        self.assertNotIn(secret, heard.read_text())
        self.assertNotIn(agent.ask("GET", "/v1/token/alor", AS_TEXT)[1].strip(), heard.read_text())

    def test_a_person_is_due(self):
        heard = self.hook(f'cat >> "{self.broker.home}/heard"\n', remind="366d")
        self.five.login("alor")
        agent = self.agent()
        self.assertTrue(until(lambda: heard.exists() and heard.read_text()))
        event = json.loads(heard.read_text().split("\n")[0])
        self.assertEqual((event["event"], event["profile"]), ("human-action-due", "alor"))
        self.assertEqual(event["human"]["remedy"], "latchkey login alor")
        agent.close()
        heard.unlink()
        self.five.advance("365d")
        self.five.advance("2d")
        self.agent()
        self.assertTrue(until(lambda: heard.exists() and heard.read_text()))
        self.assertEqual(json.loads(heard.read_text().split("\n")[0])["event"], "needs-a-person")

    def test_is_given_no_connection_of_the_agents(self):
        heard = self.hook(f'ls -l /proc/self/fd > "{self.broker.home}/heard.new"\n'
                          f'mv "{self.broker.home}/heard.new" "{self.broker.home}/heard"\n')
        self.five.login("alor")
        agent = self.agent()
        agent.ask("GET", "/v1/token/alor")
        with agent.events() as events:
            self.broker.run("refresh", "alor")
            events.next("rotated")
            self.assertTrue(until(heard.exists))
        self.assertNotIn("socket:", heard.read_text())

    def test_one_that_crashes_hangs_or_is_not_there_costs_nothing(self):
        self.five.login("alor")
        for script in ("kill -SEGV $$\n", "exec sleep 1000\n", "exit 3\n", None):
            with self.subTest(script):
                self.hook(script or "")
                if script is None:
                    (self.broker.home / "hook").unlink()
                agent = self.agent()
                agent.ask("GET", "/v1/token/alor")
                with agent.events() as events:
                    for _ in range(3):
                        self.assertEqual(self.broker.run("refresh", "alor").returncode, 0)
                        begin = time.monotonic()
                        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)
                        self.assertLess(time.monotonic() - begin, 1)
                        events.next("rotated")
                begin = time.monotonic()
                self.assertEqual(agent.close(), 0)
                self.assertLess(time.monotonic() - begin, 5, "it is ended with the agent")


if __name__ == "__main__":
    case.take_binaries()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    result = unittest.main(verbosity=2, exit=False).result
    sys.exit(1 if not result.wasSuccessful() else SKIPPED if result.skipped else 0)
