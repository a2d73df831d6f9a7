#!/usr/bin/env python3
"""The agent as its callers see it: the same words with it and without it, one renewal for many
who ask, and nobody's trouble but one's own.                       // promises I3, I8, I9, N11

    agent_test.py DIRECTORY-OF-PROGRAMS [unittest arguments]
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import unittest

import case
from agent import ask, connect, read_all, socket_of, until
from sandbox import Broker

AS_TEXT = {"Accept": "text/plain"}


class Case(case.Case):
    def run_latchkey(self, *words, **options):
        return self.broker.run(*words, offset=self.five.sandbox.offset, **options)

    def said(self, *words):
        done = self.run_latchkey(*words)
        return done.returncode, done.stdout, done.stderr

    def without_key(self):
        """The same, where nobody but an agent can open the vault."""
        key = self.broker.home / ".config/latchkey/vault.key"
        return _Away(key)


class _Away:
    def __init__(self, path):
        self.path, self.away = path, path.with_suffix(".away")

    def __enter__(self):
        self.path.rename(self.away)

    def __exit__(self, *_):
        self.away.rename(self.path)


class TheSameWords(Case):
    def test_with_an_agent_and_without(self):
        self.five.login("pay")
        self.five.login("alor")
        commands = [("token", "pay"), ("token", "pay", "--json"), ("token", "pay", "--live-for", "1h"),
                    ("token", "pay", "--live-for=1h"), ("--no-input", "token", "pay"), ("token", "pay", "--no-input"),
                    ("header", "pay"), ("header", "pay", "--json"), ("header", "alor"), ("token", "alor"),
                    ("token", "nobody"), ("token", "ssi"), ("header", "ssi"), ("token", "sinopac", "--json"),
                    ("token", "pay", "--live-for", "soon"), ("token", "pay", "more"), ("token",), ("header", ""),
                    ("token", "pay", "--password", "x"), ("token", "--help"), ("token", "Ж/..%2f")]
        before = [self.said(*words) for words in commands]
        with self.agent() as agent:
            for words, expected in zip(commands, before):
                self.assertEqual(self.said(*words), expected, words)
            self.assertEqual(agent.status()["vault"]["state"], "open")
        self.assertEqual(before[0][0], 0)
        for words, expected in zip(commands, before):
            self.assertEqual(self.said(*words), expected, words)

    def test_the_agent_does_answer(self):
        self.five.login("alor")
        token, header = self.said("token", "alor"), self.said("header", "alor")
        with self.agent():
            self.said("token", "alor")  # until this is answered the vault may still be opening
            with self.without_key():
                self.assertEqual(self.said("token", "alor"), token)
                self.assertEqual(self.said("header", "alor"), header)
        with self.without_key():
            self.assertEqual(self.said("token", "alor")[0], 7)

    def test_a_refusal_is_the_providers_and_it_is_asked_once(self):
        self.five.login("ssi")
        other = Broker(self.binaries, self.five.directory / "other")
        other.configure(self.five.config())
        self.assertEqual(other.run("login", "ssi", "--no-otp").returncode, 0, "one session for each key")
        self.five.expire("ssi")
        self.agent()
        code, out, said = self.said("token", "ssi")
        self.assertEqual((code, out), (5, ""), said)
        self.assertRegex(said, r"^latchkey: .*run: latchkey login ssi\n\Z")
        self.assertEqual(len(self.five.renewals("ssi")), 1)

    def test_nobody_answers_at_the_provider(self):
        self.five.login("alor")
        self.five.configure(base="http://127.0.0.1:1")
        self.five.advance("31m")
        without = self.said("token", "alor")
        self.assertEqual(without[0], 6, without)
        with self.agent():
            self.assertEqual(self.said("token", "alor"), without)


class OverItsSocket(Case):
    def test_curl(self):
        self.five.login("alor")
        agent = self.agent()
        token = self.five.token("alor")
        curl = ["curl", "-sS", "--noproxy", "*", "--unix-socket", agent.socket]
        told = json.loads(subprocess.check_output([*curl, "http://localhost/v1/token/alor"]))
        self.assertEqual(told["token"], token)
        self.assertEqual(set(told), {"profile", "token", "expires_at"})
        text = subprocess.check_output([*curl, "-H", "Accept: text/plain", "http://localhost/v1/token/alor?need=60s"])
        self.assertEqual(text.decode(), token + "\n")
        lines = subprocess.check_output([*curl, "-H", "Accept: text/plain", "http://localhost/v1/header/alor"])
        self.assertEqual(lines.decode(), f"Authorization: Bearer {token}\n")
        headers = json.loads(subprocess.check_output([*curl, "http://localhost/v1/header/alor"]))
        self.assertEqual(headers, {"Authorization": "Bearer " + token})
        self.assertEqual(subprocess.check_output([*curl, "http://localhost/livez"]), b"ok\n")

    def test_refusals_have_the_exit_code_of_the_command_line(self):
        agent = self.agent()
        for path, status, error, code in [("/v1/token/nobody", 404, "unknown_name", 4),
                                          ("/v1/token/ssi", 409, "person_needed", 3),
                                          ("/v1/header/ssi", 409, "person_needed", 3),
                                          ("/v1/token/pay?need=soon", 400, "usage", 2),
                                          ("/v1/nothing", 404, "not_found", 2)]:
            got, text = agent.ask("GET", path)
            told = json.loads(text)
            self.assertEqual((got, told["error"], told["exit_code"]), (status, error, code), path)
        for name in ("nobody", "ssi"):
            self.assertEqual("latchkey: " + json.loads(agent.ask("GET", f"/v1/token/{name}")[1])["message"] + "\n",
                             self.said("token", name)[2])

    def test_not_for_web_pages(self):
        agent = self.agent()
        for headers in ({"Origin": "https://example.org"}, {"Host": "example.org"}):
            with connect(agent.socket) as connection:
                lines = {"Host": "localhost", **headers, "Connection": "close"}
                connection.sendall(("GET /v1/status HTTP/1.1\r\n" + "".join(
                    f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n").encode())
                self.assertIn(b" 403 ", read_all(connection).split(b"\r\n")[0], headers)

    def test_its_description_is_held(self):
        agent = self.agent()
        described = json.loads(agent.ask("GET", "/openapi.json")[1])
        self.assertEqual(described["openapi"], "3.1.0")
        served = {("get", "/v1/events")}
        for path, verbs in described["paths"].items():
            for verb in verbs:
                if path in ("/v1/events", "/v1/stop"):
                    continue
                status, text = agent.ask(verb.upper(), path.replace("{profile}", "pay"))
                declared = verbs[verb]["responses"]
                self.assertTrue(str(status) in declared or "default" in declared, (path, status))
                if status not in (200, 204):
                    self.assertLessEqual({"error", "message", "exit_code"}, set(json.loads(text)), path)
                served.add((verb, path))
        agent.ask("POST", "/v1/unlock")
        schemas = described["components"]["schemas"]
        token = json.loads(agent.ask("GET", "/v1/token/pay")[1])
        self.assertLessEqual(set(schemas["Token"]["required"]), set(token))
        self.assertLessEqual(set(token), set(schemas["Token"]["properties"]))
        self.assertEqual(set(agent.status()), set(schemas["Status"]["properties"]))
        with agent.events() as events:
            self.assertIn("200 OK", events.head)
            self.assertIn("application/x-ndjson", events.head)
            self.run_latchkey("refresh", "pay")
            event = events.next("rotated")
        self.assertLessEqual(set(schemas["Event"]["required"]), set(event))
        self.assertLessEqual(set(event), set(schemas["Event"]["properties"]))
        self.assertEqual(agent.ask("DELETE", "/v1/token/pay")[0], 404)
        self.assertEqual(agent.ask("POST", "/v1/stop")[0], 204)
        self.assertEqual(agent.process.wait(timeout=30), 0)


class OneTruth(Case):
    """What is in the agent's memory is what is in the vault."""

    def test_what_another_program_renewed(self):
        self.five.login("alor")
        agent = self.agent()
        old = agent.ask("GET", "/v1/token/alor", AS_TEXT)[1]
        header = agent.ask("GET", "/v1/header/alor", AS_TEXT)[1]
        self.assertEqual(self.run_latchkey("refresh", "alor").returncode, 0)
        new = agent.ask("GET", "/v1/token/alor", AS_TEXT)[1]
        self.assertNotEqual(new, old)
        self.assertEqual(agent.ask("GET", "/v1/header/alor", AS_TEXT)[1], f"Authorization: Bearer {new}")
        self.assertNotEqual(header, f"Authorization: Bearer {new}")

    def test_what_another_program_forgot(self):
        self.five.login("alor")
        agent = self.agent()
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)
        self.assertEqual(self.run_latchkey("logout", "--forget", "alor").returncode, 0)
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 409)
        self.assertEqual(agent.ask("GET", "/v1/header/alor")[0], 409)

    def test_another_vault_in_the_place_of_the_first(self):
        self.five.login("alor")
        agent = self.agent()
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)
        state = self.five.state()
        for name in ("vault.db", "vault.db-wal", "vault.db-shm"):
            if (state / name).exists():
                (state / name).rename(state / (name + ".away"))
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 409, "nobody logged in to this one")
        self.assertEqual(agent.ask("GET", "/v1/token/pay")[0], 200, "which works")
        self.assertEqual(self.run_latchkey("token", "alor").returncode, 3)

    def test_a_changed_configuration(self):
        self.five.login("alor")
        agent = self.agent()
        self.assertEqual(agent.ask("GET", "/v1/token/second")[0], 404)
        text = self.five.config()
        self.broker.configure(text + text[text.index("[profiles.alor]"):text.index("[profiles.sinopac]")].replace(
            "profiles.alor", "profiles.second"))
        self.assertEqual(agent.ask("GET", "/v1/token/second")[0], 409)
        agent.ask("GET", "/v1/header/pay")
        self.assertIn("\nPartner-Code: DEMO-PARTNER\n", agent.ask("GET", "/v1/header/pay", AS_TEXT)[1])
        self.broker.configure(text.replace('partner_code = "DEMO-PARTNER"', 'partner_code = "OTHER"'))
        self.assertIn("\nPartner-Code: OTHER\n", agent.ask("GET", "/v1/header/pay", AS_TEXT)[1])
        self.broker.configure("[profiles.alor\n")
        status, told = agent.ask("GET", "/v1/token/alor")
        self.assertEqual((status, json.loads(told)["exit_code"]), (400, 2))
        self.assertEqual(self.said("token", "alor")[0], 2)
        self.five.configure()
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)

    def test_a_program_that_sees_another_world_is_not_answered(self):
        self.five.login("alor")
        self.agent()
        token = self.said("token", "alor")
        other = self.broker.home / "other.toml"
        other.write_text('[profiles.alor]\nprovider = "alor"\nbase_url = "http://127.0.0.1:1"\n'
                         f'[vault]\npath = "{self.broker.home}/other.db"\n')
        elsewhere = self.broker.home / "elsewhere"
        for extra in ({"LATCHKEY_CONFIG": str(other)}, {"XDG_STATE_HOME": str(elsewhere)},
                      {"XDG_CONFIG_HOME": str(elsewhere)}, {"LATCHKEY_CLOCK_OFFSET": "31m"}):
            done = self.run_latchkey("token", "alor", extra=extra)
            self.assertNotEqual((done.returncode, done.stdout, done.stderr), token, extra)
        done = self.run_latchkey("--config", other, "token", "alor")
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_many_callers_one_renewal(self):
        self.five.login("alor")
        self.five.advance("31m")
        agent, before = self.agent(), len(self.five.renewals("alor"))
        answers, gate = [], threading.Barrier(40)

        def one(number):
            gate.wait()
            if number % 2:
                answers.append(agent.ask("GET", "/v1/token/alor", AS_TEXT)[1].strip())
            else:
                answers.append(self.run_latchkey("token", "alor").stdout.strip())
        threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(answers)), 1, answers)
        self.assertTrue(answers[0].startswith("ey"), answers[0])
        self.assertEqual(len(self.five.renewals("alor")) - before, 1)


class Ahead(Case):
    def test_what_is_asked_for_is_renewed_before_its_end(self):
        self.five.login("alor")
        self.five.advance("27m")
        agent, before = self.agent(), len(self.five.renewals("alor"))
        with agent.events() as events:
            old = agent.ask("GET", "/v1/token/alor", AS_TEXT)[1]
            event = events.next("rotated")
        self.assertEqual(event["profile"], "alor")
        self.assertGreater(event["access"]["seconds"], 29 * 60)
        self.assertRegex(event["access"]["local"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
        self.assertGreater(event["human"]["seconds"], 300 * 86400)
        self.assertNotEqual(agent.ask("GET", "/v1/token/alor", AS_TEXT)[1], old)
        self.assertEqual(len(self.five.renewals("alor")), before + 1)
        self.assertIsNotNone(self.row(agent, "alor")["renews"], "it was asked for again")

    def test_what_nobody_asks_for_is_not(self):
        self.five.login("alor")
        self.five.login("ssi")
        self.five.advance("27m")
        agent, before = self.agent(), len(self.five.renewals("alor"))
        with agent.events() as events:
            agent.ask("GET", "/v1/token/ssi")
            self.run_latchkey("refresh", "ssi")
            events.next("rotated")  # a tick has passed, and all profiles were looked at
        self.assertEqual(len(self.five.renewals("alor")), before)
        self.assertIsNone(self.row(agent, "alor")["renews"])

    def test_a_provider_that_is_gone_costs_nobody_the_old_token(self):
        self.five.login("alor")
        self.five.configure(base="http://127.0.0.1:1")
        self.five.advance("27m")
        agent = self.agent()
        with agent.events() as events:
            code, old, said = self.said("token", "alor")
            self.assertEqual((code, said), (0, ""))
            event = events.next("failed")
        self.assertEqual(event["error"], "unavailable")
        self.assertIn("connect", event["message"])
        self.assertEqual(self.said("token", "alor"), (0, old, ""))
        self.assertEqual(self.row(agent, "alor")["failed"], "unavailable")
        self.assertGreater(self.row(agent, "alor")["renews"]["seconds"], 0, "later")

    def row(self, agent, profile):
        return next(row for row in agent.status()["profiles"] if row["profile"] == profile)


class LifeAndDeath(Case):
    def test_start_twice_at_once(self):
        starts = [subprocess.Popen([self.broker.program, "agent", "start"], env=self.broker.environment,
                                   stderr=subprocess.PIPE, text=True) for _ in range(6)]
        said = [start.communicate(timeout=60)[1] for start in starts]
        self.addCleanup(self.run_latchkey, "agent", "stop")
        self.assertEqual([start.returncode for start in starts], [0] * 6, said)
        pid = json.loads(ask(socket_of(self.broker), "GET", "/v1/status")[1])["agent"]["pid"]
        self.assertEqual(agents_of(self.broker), {pid})
        done = self.run_latchkey("agent", "status")
        self.assertIn(f"process {pid}, since ", done.stdout)
        done = self.run_latchkey("agent", "stop")
        self.assertEqual((done.returncode, done.stderr), (0, "latchkey: the agent has ended\n"))
        self.assertEqual(agents_of(self.broker), set())
        self.assertFalse(os.path.exists(socket_of(self.broker)))
        log = self.broker.home / ".local/state/latchkey/agent.log"
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
        self.assertIn('"event":"started"', self.run_latchkey("agent", "log").stdout)

    def test_it_holds_nothing_open_of_whoever_started_it(self):
        ours, theirs = os.pipe()
        done = subprocess.run([self.broker.program, "agent", "start"], env=self.broker.environment, pass_fds=[theirs],
                              capture_output=True, timeout=60)
        self.addCleanup(self.run_latchkey, "agent", "stop")
        self.assertEqual(done.returncode, 0, done.stderr)
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            self.assertEqual(pipe.read(), b"", "and the pipe has come to its end")

    def test_it_can_be_stopped_without_a_configuration(self):
        self.run_latchkey("agent", "start")
        self.broker.configure("[profiles")
        done = self.run_latchkey("agent", "status")
        self.assertIn("the vault is closed: ", done.stdout)
        self.assertEqual(self.run_latchkey("agent", "stop").returncode, 0)
        self.assertEqual(agents_of(self.broker), set())

    def test_killed_at_any_time(self):
        self.five.login("alor")
        token = self.said("token", "alor")
        for _ in range(3):
            agent = self.agent()
            self.assertEqual(agent.said, "ready", agent.log_text())
            self.assertEqual(self.said("token", "alor"), token)
            agent.kill()
            self.assertTrue(os.path.exists(agent.socket), "it could not remove it")
            self.assertEqual(self.said("token", "alor"), token)

    def test_killed_while_it_renews(self):
        with _Silent() as dead:
            self.five.login("alor")
            self.five.advance("31m")
            self.five.configure(base=dead.base)
            agent = self.agent()
            client = subprocess.Popen([self.broker.program, "token", "alor"], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True,
                                      env=dict(self.broker.environment, LATCHKEY_CLOCK_OFFSET=self.five.sandbox.offset))
            dead.wait_for_a_caller()
            self.five.configure()
            agent.kill()
            out, err = client.communicate(timeout=60)
        self.assertEqual((client.returncode, err), (0, ""))
        self.assertTrue(out.startswith("ey"))

    def test_one_that_is_stopped_is_done_without(self):
        self.five.login("alor")
        agent = self.agent()
        token = self.said("token", "alor")
        agent.process.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        self.assertEqual(self.said("token", "alor"), token)
        self.assertLess(time.monotonic() - begin, 4)

    def test_a_second_one_is_refused(self):
        self.agent()
        second = self.agent()
        self.assertRegex(second.said, r"^an agent is running already \(process \d+\)$")
        self.assertNotEqual(second.process.returncode, 0)

    def test_it_ends_when_nobody_can_reach_it(self):
        agent = self.agent()
        os.unlink(agent.socket)
        self.assertEqual(agent.process.wait(timeout=30), 0)

    def test_what_is_in_its_place(self):
        folder = pathlib.Path(socket_of(self.broker)).parent
        folder.mkdir(mode=0o700)
        place = folder / "agent.sock"
        place.write_text("mine")
        self.assertIn("is in the way", self.agent().said)
        self.assertEqual(place.read_text(), "mine")
        place.unlink()
        place.symlink_to(folder / "elsewhere")
        self.assertIn("is in the way", self.agent().said)
        place.unlink()
        stranger = socket.socket(socket.AF_UNIX)
        self.addCleanup(stranger.close)
        stranger.bind(str(place))
        stranger.listen()
        self.assertIn("somebody else listens", self.agent().said)
        place.unlink()
        folder.chmod(0o777)
        self.assertIn("not ours alone", self.agent().said)
        folder.chmod(0o700)
        self.assertEqual(self.agent().said, "ready")

    def test_socket_activation(self):
        place = self.broker.home / "activated.sock"
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(str(place))
        listening.listen()
        self.five.login("alor")
        token = self.five.token("alor")
        env = dict(self.broker.environment, LATCHKEY_AGENT_SOCKET=str(place))
        asking = connect(place)  # before anybody is there to answer
        asking.sendall(b"GET /v1/token/alor HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n"
                       b"Connection: close\r\n\r\n")
        agent = subprocess.Popen(
            ["/bin/sh", "-c", 'exec 3<&"$1"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$2" agent run', "sh",
             str(listening.fileno()), str(self.broker.program)],
            env=env, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.terminate)
        self.assertTrue(read_all(asking).endswith(f"\r\n\r\n{token}\n".encode()))
        asking.close()
        self.assertEqual(self.run_latchkey("token", "alor", extra={"LATCHKEY_AGENT_SOCKET": str(place)}).stdout,
                         token + "\n")
        agent.terminate()
        self.assertEqual(agent.wait(timeout=60), 0)
        self.assertTrue(place.exists(), "it belongs to the service manager")

    def test_no_agent_is_wanted(self):
        self.five.login("alor")
        self.agent().ask("GET", "/v1/token/alor")
        with self.without_key():
            self.assertEqual(self.run_latchkey("token", "alor", extra={"LATCHKEY_AGENT_SOCKET": ""}).returncode, 7)
            self.assertEqual(self.run_latchkey("token", "alor").returncode, 0)

    def test_started_on_demand(self):
        self.five.configure(head="[agent]\nauto_start = true\n")
        self.five.login("alor")
        self.assertEqual(self.run_latchkey("token", "alor").returncode, 0)
        self.addCleanup(self.run_latchkey, "agent", "stop")
        self.assertTrue(until(lambda: "the vault is open\n" in self.run_latchkey("agent", "status").stdout))
        with self.without_key():
            self.assertTrue(until(lambda: self.run_latchkey("token", "alor").returncode == 0))
        self.assertEqual(len(agents_of(self.broker)), 1)

    def test_not_started_unasked(self):
        self.five.login("alor")
        self.assertEqual(self.run_latchkey("token", "alor").returncode, 0)
        self.assertEqual(agents_of(self.broker), set())

    def test_a_socket_of_the_configurations_choosing(self):
        self.five.login("alor")
        token = self.said("token", "alor")
        self.five.configure(head=f'[agent]\nsocket = "{self.broker.home}/own.sock"\n')
        self.run_latchkey("agent", "start")
        self.addCleanup(self.run_latchkey, "agent", "stop")
        self.assertTrue((self.broker.home / "own.sock").is_socket())
        self.said("token", "alor")
        with self.without_key():
            self.assertEqual(self.said("token", "alor"), token)

    def test_what_has_begun_is_finished_before_the_end(self):
        self.five.login("alor")
        self.five.advance("31m")
        with _Slow(self.five.sandbox.base) as slow:
            self.five.configure(base=slow.base)
            agent, answers, before = self.agent(), [], len(self.five.renewals("alor"))
            asking = threading.Thread(target=lambda: answers.append(agent.ask("GET", "/v1/token/alor")))
            asking.start()
            slow.wait_for_a_caller()
            agent.process.terminate()
            slow.let_go()
            asking.join(30)
            self.assertEqual(agent.process.wait(timeout=30), 0)
        self.assertEqual([status for status, _ in answers], [200])
        self.assertEqual(len(self.five.renewals("alor")), before + 1)


class Secrets(Case):
    def test_locked_and_unlocked(self):
        self.five.login("alor")
        token = self.said("token", "alor")
        agent = self.agent()
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)
        self.assertEqual(self.said("agent", "lock"), (0, "", "latchkey: the agent is locked\n"))
        status, told = agent.ask("GET", "/v1/token/alor")
        self.assertEqual((status, json.loads(told)["exit_code"]), (423, 7))
        self.assertEqual(self.said("token", "alor"), token, "without it, as ever")
        self.assertEqual(agent.status()["vault"]["state"], "locked")
        self.assertEqual(self.said("agent", "unlock"), (0, "", "latchkey: the agent is unlocked\n"))
        self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)

    def test_locked_while_it_is_closed(self):
        agent = self.agent()
        for _ in range(3):
            self.assertEqual(agent.ask("POST", "/v1/lock")[0], 204)
        self.assertEqual(agent.ask("GET", "/v1/token/pay")[0], 423)
        self.assertEqual(agent.ask("POST", "/v1/unlock")[0], 404, "there is no vault yet")
        self.assertEqual(agent.ask("GET", "/v1/token/pay")[0], 200, "now there is")

    def test_a_passphrase(self):
        askpass = self.broker.home / "askpass"
        askpass.write_text("#!/bin/sh\necho open sesame\n")
        askpass.chmod(0o700)
        known = {"LATCHKEY_ASKPASS": str(askpass)}
        self.five.configure(head='[vault]\nkey = "passphrase"\n')
        self.assertEqual(self.run_latchkey("token", "pay", extra=known).returncode, 0)
        agent = self.agent()
        self.assertTrue(until(lambda: agent.status()["vault"]["why"]))
        self.assertIn("latchkey agent unlock", agent.status()["vault"]["why"])
        self.assertEqual(self.run_latchkey("--no-input", "token", "pay").returncode, 3)
        status, told = agent.ask("POST", "/v1/unlock", body="open barley\n")
        self.assertEqual((status, json.loads(told)["exit_code"]), (500, 7))
        self.assertEqual(self.run_latchkey("agent", "unlock", extra=known).returncode, 0)
        done = self.run_latchkey("--no-input", "token", "pay")
        done = self.run_latchkey("token", "pay", "--no-input")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, self.run_latchkey("token", "pay", extra=dict(
            known, LATCHKEY_AGENT_SOCKET="")).stdout)
        agent.ask("POST", "/v1/lock")
        self.assertEqual(self.run_latchkey("token", "pay", "--no-input").returncode, 3)
        self.assertEqual(agent.ask("POST", "/v1/unlock", body="open barley\n")[0], 423)
        self.assertEqual(agent.ask("GET", "/v1/token/pay")[0], 423, "as locked as before")

    def test_nothing_in_logs_and_streams(self):
        for profile in ("alor", "pay", "ssi"):
            self.five.login(profile)
        agent = self.agent()
        with agent.events() as events:
            tokens = [agent.ask("GET", f"/v1/token/{name}", AS_TEXT)[1].strip() for name in ("alor", "pay", "ssi")]
            self.run_latchkey("refresh", "alor")
            tokens.append(agent.ask("GET", "/v1/token/alor", AS_TEXT)[1].strip())
            told = json.dumps(events.next("rotated")) + json.dumps(agent.status())
        for secret in [*tokens, *self.five.secrets.values()]:
            self.assertNotIn(secret, told)
            self.assertNotIn(secret, agent.log_text())


class _Silent:
    """A provider that takes calls and never answers."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.called = threading.Event()
        self.callers = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                caller, _ = self.listening.accept()
            except OSError:
                return
            self.callers.append(caller)
            self.answer(caller)

    def answer(self, caller):
        if caller.recv(1):
            self.called.set()

    def wait_for_a_caller(self):
        if not self.called.wait(30):
            raise TimeoutError("nobody called")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for caller in self.callers:
            caller.close()


class _Slow(_Silent):
    """Passes one call on when it is let go."""

    def __init__(self, behind):
        self.behind, self.free = behind.removeprefix("http://").split(":"), threading.Event()
        super().__init__()

    def let_go(self):
        self.free.set()

    def answer(self, caller):
        request = caller.recv(65536)
        self.called.set()
        self.free.wait(30)
        with socket.create_connection((self.behind[0], int(self.behind[1]))) as authority:
            authority.sendall(request.replace(b"\r\nHost:", b"\r\nConnection: close\r\nHost:", 1))
            caller.sendall(read_all(authority))
        caller.close()


class OneDeadProvider(Case):
    def test_delays_nobody_else(self):
        self.five.login("alor")
        with _Silent() as dead:
            text = self.five.config()
            stuck = "".join(text[text.index("[profiles.pay]"):].replace("profiles.pay", f"profiles.stuck{n}").replace(
                self.five.base, dead.base) for n in range(20))
            self.broker.configure(text + stuck)
            agent = self.agent()
            agent.ask("GET", "/v1/token/pay")
            waiting = []
            threads = [threading.Thread(target=lambda n=n: waiting.append(agent.ask("GET", f"/v1/token/stuck{n}")))
                       for n in range(20)]
            for thread in threads:
                thread.start()
            dead.wait_for_a_caller()
            times = []
            for _ in range(50):
                begin = time.monotonic()
                self.assertEqual(agent.ask("GET", "/v1/token/alor")[0], 200)
                times.append(time.monotonic() - begin)
            self.assertLess(sorted(times)[45], 0.1)
            self.assertEqual(self.run_latchkey("refresh", "pay").returncode, 0)
            begin = time.monotonic()
            self.assertEqual(agent.ask("GET", "/v1/token/chat")[0], 200, "one that must log in first")
            self.assertLess(time.monotonic() - begin, 4)
            for thread in threads:
                thread.join(60)
        codes = {json.loads(text)["error"] for _, text in waiting}
        self.assertEqual(len(waiting), 20)
        self.assertLessEqual(codes, {"busy", "no_answer", "unavailable", "too_many"}, codes)


def agents_of(broker):
    """The agents that were started in the background in that home."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if b"run" in words and str(broker.home / ".local/state/latchkey/agent.log").encode() in words:
            found.add(int(entry.name))
    return found


if __name__ == "__main__":
    case.take_binaries()
    unittest.main(verbosity=2)
