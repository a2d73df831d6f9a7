#!/usr/bin/env python3
"""latchkey exec: files that stay fresh, signals, and what is left behind (promises I7, I8)."""
import fcntl
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import termios

from stage import Stage, equal, eventually
from play import play

TELL = 'echo "$FILE"; exec sleep 60'


def begun(stage, *words):
    """An exec with a file, and that file."""
    process = stage.start("exec", "--file-env", "FILE", *words)
    return process, pathlib.Path(process.stdout.readline().strip())


def it_keeps_a_file_fresh_while_the_command_runs(bin):
    with Stage(bin, "fastconnect.access_lifetime=4s") as stage:
        stage.latchkey("login", "ssi", "--no-otp")
        process, file = begun(stage, "ssi", "--", "sh", "-c", TELL)
        seen = {file.read_text()}
        for count in (2, 3):
            eventually(f"token number {count}", lambda: seen.add(file.read_text()) or len(seen) == count)
        equal(oct(file.stat().st_mode & 0o777), "0o600")
        newest = file.read_text()
        status, _, _ = stage.sandbox.fetch("GET", "/api/v3/data/securitiesByBoard?board=HOSE",
                                           headers={"Authorization": "Bearer " + newest})
        equal(status, 200, "the file's token is good")
        process.terminate()
        equal(process.wait(20), -signal.SIGTERM)
        equal(file.parent.exists(), False, "what is left")


def it_renews_no_oftener_than_half_a_life(bin):
    with Stage(bin, "fastconnect.access_lifetime=4s") as stage:
        stage.configure('[profiles.greedy]\nprovider = "fastconnect"\nbase_url = "%s"\nlive_for = "1h"\n'
                        'api_key = "%s"\napi_secret_file = "ssi"' % (
                            stage.sandbox.base, stage.sandbox.info["systems"]["fastconnect"]["clients"][1]["id"]))
        secret = stage.sandbox.info["systems"]["fastconnect"]["clients"][1]["secret"]
        path = stage.broker.home / ".config/latchkey/ssi"
        path.write_text(secret)
        path.chmod(0o600)
        stage.latchkey("login", "greedy", "--no-otp")
        process, file = begun(stage, "greedy", "--", "sh", "-c", TELL)
        seen = {file.read_text()}
        eventually("four tokens", lambda: seen.add(file.read_text()) or len(seen) == 4)
        asked = [r for r in json.loads(stage.sandbox.control("requests", "--json")) if r["operation"] == "refresh"]
        if len(asked) > 5:
            raise AssertionError(f"{len(asked)} refreshes for four tokens")
        process.terminate()
        process.wait(20)


def it_takes_over_what_another_program_renewed(bin):
    with Stage(bin) as stage:
        stage.latchkey("login", "ssi", "--no-otp")
        process, file = begun(stage, "ssi", "--", "sh", "-c", TELL)
        old = file.read_text()
        stage.latchkey("refresh", "ssi")
        new = stage.token("ssi")
        eventually("the other program's token", lambda: file.read_text() == new)
        equal(old == new, False)
        process.terminate()
        process.wait(20)


def it_says_once_that_a_person_is_needed_and_goes_on_after_the_login(bin):
    with Stage(bin, "fastconnect.access_lifetime=3s", "fastconnect.refresh_lifetime=1s") as stage:
        stage.latchkey("login", "ssi", "--no-otp")
        process, file = begun(stage, "ssi", "--", "sh", "-c", TELL)
        old = file.read_text()
        stage.sandbox.control("revoke", "fastconnect")
        line = process.stderr.readline()
        equal("latchkey login ssi" in line, True, line)
        stage.latchkey("login", "ssi", "--no-otp")
        eventually("the new login's token", lambda: file.read_text() != old)
        process.terminate()
        process.wait(20)


def it_passes_signals_on(bin):
    script = 'trap "echo usr; exit 5" USR1; echo "$FILE"; while :; do sleep 0.05; done'
    with Stage(bin) as stage:
        process, file = begun(stage, "chat", "--", "sh", "-c", script)
        process.send_signal(signal.SIGUSR1)
        out, err = process.communicate(timeout=20)
        equal((out, err, process.returncode), ("usr\n", "", 5))
        equal(file.parent.exists(), False, "what is left")


def it_sends_what_the_terminal_sends_only_once(bin):
    script = 'trap "echo int >&2" INT; trap "exit 6" TERM; echo "$FILE"; while :; do sleep 0.05; done'
    with Stage(bin) as stage:
        master, slave = pty.openpty()

        def own_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        process = subprocess.Popen([stage.broker.program, "exec", "--file-env", "FILE", "chat", "--", "bash", "-c", script],
                                   env=stage.broker.environment, stdin=slave, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, preexec_fn=own_terminal)
        stage.started.append(process)
        process.stdout.readline()
        os.write(master, b"\x03")
        equal(process.stderr.readline(), b"int\n")
        process.terminate()
        out, err = process.communicate(timeout=20)
        equal((err, process.returncode), (b"", 6), "a second one")
        os.close(master)
        os.close(slave)


def it_removes_the_file_when_it_is_killed(bin):
    with Stage(bin) as stage:
        process, file = begun(stage, "chat", "--", "sh", "-c", 'echo "$FILE $$"; exec sleep 30')
        path, pid = str(file).split(" ")
        process.kill()
        process.wait(20)
        eventually("the file is gone", lambda: not pathlib.Path(path).parent.exists())
        os.kill(int(pid), signal.SIGTERM)


def it_sweeps_what_a_crash_of_the_machine_left(bin):
    with Stage(bin) as stage:
        left = pathlib.Path(stage.broker.environment["XDG_RUNTIME_DIR"]) / "latchkey" / "exec-Crash1"
        left.mkdir(parents=True, mode=0o700)
        left.parent.chmod(0o700)
        (left / "chat.token").write_text("old")
        process, file = begun(stage, "chat", "--", "sh", "-c", TELL)
        equal(left.exists(), False)
        stage.latchkey("exec", "--file-env", "F", "chat", "--", "true")
        equal(file.exists(), True, "another one's file is no leftover")
        process.terminate()
        process.wait(20)


def it_leaves_no_process_behind(bin):
    with Stage(bin) as stage:
        stage.latchkey("exec", "--file-env", "F", "chat", "--", "true")

        def mine():
            found = []
            for entry in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    if os.readlink(entry / "exe") == str(stage.broker.program) and \
                            f"HOME={stage.broker.home}".encode() in (entry / "environ").read_bytes():
                        found.append(entry.name)
                except OSError:
                    pass
            return found

        eventually("nobody left", lambda: not mine(), 10)


def it_puts_no_token_into_arguments(bin):
    with Stage(bin) as stage:
        token = stage.token("chat")
        process, _ = begun(stage, "chat", "--", "sh", "-c", TELL)
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                equal(token.encode() in (entry / "cmdline").read_bytes(), False, entry.name)
            except OSError:
                pass
        environ = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in environ:
            try:
                equal(token.encode() in pathlib.Path(f"/proc/{child}/environ").read_bytes(), False)
            except PermissionError:
                pass  # the keeper lets nobody look
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    sys.exit(play(globals()))
