#!/usr/bin/env python3
"""Two programs that come into each other's way.            // promises I2, I3, I4, I7, I12, checklist 26

    lease.py --bin DIRECTORY [NAME...]

Scenes that chance rarely plays: a relay before the authority lets the second program act while the
first one waits for its answer. Judged by what the vault has afterwards, by what the authority was
asked, and by the ledgers of both sides.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import PROOFS, Five  # noqa: E402
from hostile import Relay, reply  # noqa: E402
from kernel import interfere, require_strace, trace  # noqa: E402

SLOW = 700_000  # microseconds that a write takes, in the scene of a slow disk
PACE = 0.95  # seconds: what the provider wants is one, and a request may be late on its way


class Stage:
    def __init__(self, five):
        self.five, self.wrong = five, []

    def expect(self, what, true):
        if not true:
            self.wrong.append(what)

    def background(self, *words):
        """A program that is started and not waited for."""
        return subprocess.Popen([self.five.broker.program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, text=True, env=self.five.environment())

    # -- durable before it is seen -------------------------------------------------------------

    def intent_before_the_send_and_answer_before_the_print(self):
        """Power may be lost at any sync: what was written must have been made durable first."""
        for profile in ("ssi", "alor"):
            self.five.login(profile)
            self.five.expire(profile)
            done, calls = trace([self.five.broker.program, "token", profile], self.five.directory / "trace",
                                env=self.five.environment())
            self.expect(f"{profile}: {done.stderr}", done.returncode == 0)
            leased = next(call.at for call in calls if call.name == "fcntl" and "F_OFD_SETLK" in call.text)
            sent = next(call.at for call in calls if call.name in ("sendto", "sendmsg") and "POST" in call.text)
            printed = next(call.at for call in calls if call.name == "write" and call.text.startswith("1, "))
            # The log is written in frames of a page; what is smaller are locks and headers.
            if profile == "ssi":
                self.expect("ssi: the intent is not durable before the token is sent",
                            durable(calls, leased, sent))
            self.expect(f"{profile}: the answer is not durable before the token is printed",
                        durable(calls, sent, printed))

    def who_waits_sees_what_was_stored(self):
        """The first one is slow to store its answer; the second one must wait for that."""
        five = self.five
        five.login("ssi")
        five.expire("ssi")
        _, calls = trace([five.broker.program, "token", "ssi"], five.directory / "trace", env=five.environment())
        sent = next(call.at for call in calls if call.name in ("sendto", "sendmsg") and "POST" in call.text)
        stores = next(call for call in calls if call.at > sent and call.name == "pwrite64" and ", 4096, " in call.text)
        five.expire("ssi")
        before, second = len(five.renewals("ssi")), []

        def between(request):
            if b"/auth/refresh" in request and not second:
                second.append(self.background("token", "ssi"))
        with Relay(five.sandbox.base, between) as relay:
            five.configure(relay.base)
            first = interfere([five.broker.program, "token", "ssi"], f"delay_enter={SLOW}", [stores.place()],
                              env=five.environment())
            out, said = second[0].communicate(timeout=60)
            five.configure()
        self.expect(f"the first: {first.returncode}: {first.stderr.strip()}", first.returncode == 0)
        self.expect(f"the second: {second[0].returncode}: {said.strip()}", second[0].returncode == 0)
        self.expect("they have different tokens", first.stdout == out)
        self.expect("it was renewed more than once", len(five.renewals("ssi")) - before == 1)

    # -- fenced ------------------------------------------------------------------------------------

    def a_holder_that_slept_does_not_overwrite_a_login(self):
        """Its lock is gone (somebody cleaned up), and a person has logged in meanwhile."""
        five = self.five
        five.login("ssi")
        five.expire("ssi")
        after_login = []

        def between(request):
            if b"/auth/refresh" in request and not after_login:
                shutil.rmtree(five.state() / "locks")
                five.configure()
                five.login("ssi")
                after_login.append(five.token("ssi"))
        with Relay(five.sandbox.base, between) as relay:
            five.configure(relay.base)
            sleeper = self.background("token", "ssi")
            out, said = sleeper.communicate(timeout=60)
            five.configure()
        self.expect(f"nobody logged in meanwhile: {said}", len(after_login) == 1)
        done = five.run("token", "ssi")
        self.expect(f"a login was overwritten: {done.returncode} {done.stderr}",
                    done.returncode == 0 and after_login and done.stdout.strip() == after_login[0])
        self.expect("the token is not one that the authority takes", five.accepts("ssi", done.stdout.strip()))
        self.expect("the sleeper printed a token that is dead",
                    sleeper.returncode != 0 or out.strip() == after_login[0])

    def a_stopped_holder_lets_nobody_spend_its_token(self):
        """Stopped between the send and the answer, and woken when others have given up."""
        five = self.five
        five.configure(head="")
        five.login("ssi")
        five.expire("ssi")
        before = len(five.renewals("ssi"))
        asked, woken = threading.Event(), threading.Event()

        def between(request):
            if b"/auth/refresh" in request:
                asked.set()
                woken.wait(60)
        with Relay(five.sandbox.base, between) as relay:
            five.configure(relay.base)
            holder = self.background("token", "ssi")
            self.expect("the holder never asked", asked.wait(60))
            holder.send_signal(signal.SIGSTOP)
            others = [self.background("token", "ssi") for _ in range(5)]
            ends = [(other.communicate(timeout=60), other.returncode)[1] for other in others]
            self.expect(f"while the holder is stopped: {ends}", set(ends) == {6})
            holder.send_signal(signal.SIGCONT)
            woken.set()
            out, said = holder.communicate(timeout=60)
            five.configure()
        # Its own deadline has passed meanwhile: then the answer is lost, else it is there.
        self.expect(f"the holder: {holder.returncode}: {said}", holder.returncode in (0, 9))
        self.expect("the token was sent twice", len(five.renewals("ssi")) - before == 1)
        after = five.run("token", "ssi")
        self.expect(f"afterwards: {after.returncode}", after.returncode == (0 if holder.returncode == 0 else 3))
        self.expect("not what was handed out", holder.returncode != 0 or after.stdout == out)

    # -- compared ------------------------------------------------------------------------------------

    def a_401_for_an_old_token_does_not_bury_the_new_one(self):
        five = self.five
        five.login("alor")
        before = len(five.renewals("alor"))
        renewed = []

        def between(request):
            if request.startswith(b"GET") and not renewed:
                five.configure()
                five.latchkey("refresh", "alor")
                renewed.append(five.token("alor"))
                return reply("", "401 Unauthorized")
        with Relay(five.sandbox.base, between) as relay:
            five.configure(relay.base)
            done = five.run("request", "alor", *PROOFS["alor"])
            five.configure()
        self.expect(f"the request: {done.returncode}: {done.stderr}", done.returncode == 0)
        self.expect("the new token was buried with the old", five.token("alor") == renewed[0])
        self.expect("one renewal was enough", len(five.renewals("alor")) - before == 1)

    # -- what can be seen of it ------------------------------------------------------------------------

    def a_renewal_shows_no_secret_to_others(self):
        """In its arguments, its environment, a core of it, or its open files.        // promise I7"""
        five, seen, started = self.five, [], []
        for profile in ("ssi", "pay", "chat", "alor"):
            five.login(profile)
        five.expire("chat")  # the longest of them
        texts = list(five.secrets.values()) + sorted(five.tokens)

        def between(_):
            if started:
                seen.append(look_at(started[-1].pid))
        with Relay(five.sandbox.base, between) as relay:
            five.configure(relay.base)
            for profile in ("ssi", "pay", "chat", "alor"):
                started.append(self.background("token", profile))
                _, said = started[-1].communicate(timeout=60)
                self.expect(f"{profile}: {said}", started[-1].returncode == 0)
            five.configure()
        self.expect("nobody looked", len(seen) >= 4)
        for files, core in seen:
            # The soft limit is the one that the kernel obeys; the hard one is the user's, for `exec`.
            self.expect(f"a core may be written: {core}", core[0] == "0")
            self.expect("a secret can be seen", not any(text.encode() in files for text in texts))
        self.expect("secrets in files: " + ", ".join(five.leaks()), not list(five.leaks()))

    def what_is_printed_comes_in_one_piece(self):
        """Many programs may write into one pipe: no line of one stands inside another's."""
        five = self.five
        five.login("ssi")
        for command in ("token", "header"):
            reader, writer = os.pipe2(os.O_DIRECT)  # gives back what one write() wrote, and no more
            done = subprocess.run([five.broker.program, command, "ssi"], stdout=writer, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, env=five.environment(), timeout=60)
            os.close(writer)
            pieces = []
            while piece := os.read(reader, 65536):
                pieces.append(piece)
            os.close(reader)
            self.expect(f"{command}: {done.stderr}", done.returncode == 0)
            self.expect(f"{command} came in {len(pieces)} pieces", len(pieces) == 1 and pieces[0].endswith(b"\n"))

    # -- the provider's pace --------------------------------------------------------------------------

    def calls_keep_the_providers_pace(self):
        """ChatHub is asked once a second, however many programs there are."""
        five = self.five
        five.login("chat")
        five.login("chat")
        programs = [self.background("refresh", "chat") for _ in range(4)]
        for program in programs:
            program.communicate(timeout=60)
        lines = [json.loads(line) for line in open(five.sandbox.info["ledger"], encoding="utf-8")]
        times = sorted(line["began"] / 1e6 for line in lines
                       if line.get("system") == "chathub" and line["op"] in ("login", "delegate"))
        gaps = [round(after - before, 2) for before, after in zip(times, times[1:])]
        self.expect(f"{len(times)} calls only", len(times) >= 5)
        self.expect(f"calls to ChatHub were {min(gaps)} s apart", min(gaps) >= PACE)

    SCENES = (intent_before_the_send_and_answer_before_the_print, what_is_printed_comes_in_one_piece,
              who_waits_sees_what_was_stored, a_holder_that_slept_does_not_overwrite_a_login,
              a_stopped_holder_lets_nobody_spend_its_token, a_401_for_an_old_token_does_not_bury_the_new_one,
              a_renewal_shows_no_secret_to_others, calls_keep_the_providers_pace)


def look_at(pid):
    """What is to be read of a process, and how large a core of it may be."""
    proc = pathlib.Path(f"/proc/{pid}")
    texts = (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    texts += b"\0".join(os.readlink(link).encode() for link in (proc / "fd").iterdir())
    limit = next(line for line in (proc / "limits").read_text().split("\n") if line.startswith("Max core file size"))
    return texts, limit.split()[4:6]


def durable(calls, since, until):
    """Something was written to the vault between the two, and synced after its last write."""
    pages = [call.at for call in calls if since < call.at < until and call.name == "pwrite64" and ", 4096, " in call.text]
    synced = [call.at for call in calls if since < call.at < until and call.name in ("fdatasync", "fsync")]
    return bool(pages) and bool(synced) and synced[-1] > pages[-1]


def main():
    parser = argparse.ArgumentParser(description="two programs that come into each other's way")
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*", help="scenes to play; all without")
    options = parser.parse_args()
    require_strace()
    wrong = []
    for scene in Stage.SCENES:
        if options.names and scene.__name__ not in options.names:
            continue
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
                Five(options.bin, directory, timeout="3s") as five:
            stage = Stage(five)
            scene(stage)
            if stage.wrong:
                wrong.append(f"{scene.__name__}: " + "; ".join(stage.wrong))
            print(("no  " if stage.wrong else "ok  ") + scene.__name__.replace("_", " "), flush=True)
    print("\n".join(wrong) or "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
