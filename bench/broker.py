"""The broker's promises: N4, N5, N6, N7, N10 and N11, each measured in one run."""
import contextlib
import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import oidc_agent
from five import Five
from sandbox import Broker, Sandbox

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/many"))
from many import Crowd  # noqa: E402

NO_AGENT = {"LATCHKEY_AGENT_SOCKET": ""}
PROGRAMS = 200
CALLERS = 8
RUNS = 300
PROFILES = 100


class Chat:
    """A sandbox, and a broker logged in to one of its systems as p."""

    def __init__(self, binaries, directory):
        self.sandbox = Sandbox(binaries)
        self.broker = Broker(binaries, directory)
        user = self.sandbox.info["systems"]["chathub"]["users"][0]
        self.broker.configure(f'[profiles.p]\nprovider = "chathub"\nbase_url = "{self.sandbox.base}"\n'
                              f'login = "{user["login"]}"\n')
        secret = self.broker.secret_file("password", user["password"])
        done = self.broker.run("login", "p", "--password-file", secret, extra=NO_AGENT)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.close()


class Agent:
    """`latchkey agent run` for a broker; `offset` moves its clock."""

    def __init__(self, broker, offset=None, prefix=()):
        self.socket = broker.home / "agent.sock"
        self.environment = dict(broker.environment, LATCHKEY_AGENT_SOCKET=str(self.socket))
        if offset:
            self.environment["LATCHKEY_CLOCK_OFFSET"] = offset
        self.process = subprocess.Popen([*prefix, broker.program, "agent", "run"], env=self.environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 10
        while not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise RuntimeError("the agent did not start: " + self.process.communicate()[1])
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def request_for(profile, need=""):
    return f"GET /v1/token/{profile}{need} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class BrokerBench:
    """`line` prints one promise; see tools/bench."""

    def __init__(self, binaries, seconds, line):
        self.binaries, self.seconds, self.line = pathlib.Path(binaries).resolve(), seconds, line

    def has_agent(self):
        told = subprocess.run([self.binaries / "latchkey", "--help"], capture_output=True, text=True, timeout=10)
        return any(line.split()[:1] == ["agent"] for line in told.stdout.splitlines())

    def ask(self, path, request, prefix=(), **plan):
        words = [*prefix, self.binaries / "bench_ask", "--socket", path]
        for name, value in plan.items():
            words += [f"--{name}", str(value)]
        done = subprocess.run(words, input=request, capture_output=True, text=True, timeout=300)
        result = json.loads(done.stdout)
        if result["refused"] or result["broken"]:
            raise RuntimeError(f"the load was refused: {result}")
        return result

    # -- one promise each ----------------------------------------------------------------

    def library(self):
        program = self.binaries / "bench_library"
        if not program.exists():
            return print("N4 not measured: there is no bench_library here", flush=True)
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Chat(self.binaries, directory) as chat:
            environment = dict(chat.broker.environment, **NO_AGENT)
            done = subprocess.run([program, "p"], env=environment, capture_output=True, text=True, timeout=60)
            if done.returncode != 0:
                raise RuntimeError("bench_library: " + done.stderr)
            calls = system_calls([program, "p", "1000"], environment)
        found = json.loads(done.stdout)
        self.line("N4", "library: a valid token from memory:", found["ns"], 100, "ns", 1.0, 0.3, most=True,
                  note=f" promised; {calls} system calls in 1000 of them")

    def agent_load(self):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Chat(self.binaries, directory) as chat, \
                Agent(chat.broker) as agent:
            ours = self.ask(agent.socket, request_for("p"), callers=CALLERS, seconds=self.seconds)
        what = f"agent: token over its socket, one connection a request, {CALLERS} callers:"
        if oidc_agent.version() is None:
            return print(f"N5 not compared, oidc-agent is not installed (apt-get install oidc-agent-cli): {what} "
                         f"{ours['per_second']:.4g} /s; p50 {ours['p50_us']} µs, p99 {ours['p99_us']} µs", flush=True)
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
                oidc_agent.OidcAgent(directory) as agent:
            theirs = self.ask(agent.socket, oidc_agent.REQUEST, callers=CALLERS, seconds=self.seconds,
                              wanted=oidc_agent.WANTED)
        self.line("N5", what, ours["per_second"], theirs["per_second"], "/s", 1.0, 2.0,
                  note=f" oidc-agent {oidc_agent.version()}; p50 {ours['p50_us']} and {theirs['p50_us']} µs, "
                       f"p99 {ours['p99_us']} and {theirs['p99_us']} µs")

    def cached_token(self):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Chat(self.binaries, directory) as chat:
            words = [chat.broker.program, "token", "p"]
            if self.has_agent():
                with Agent(chat.broker) as agent:
                    ours, theirs = times_of([words, ["/bin/true"]], agent.environment)
                self.line("N6", "latchkey token, cached, whole process, agent running:", ours * 1e3, theirs * 1e3, "ms", 4,
                          2.2, most=True, note=" /bin/true")
            ours, theirs = times_of([words, ["/bin/true"]], dict(chat.broker.environment, **NO_AGENT))
        self.line("N6", "latchkey token, cached, whole process, no agent:", ours * 1e3, theirs * 1e3, "ms", 8, 4, most=True,
                  note=" /bin/true")

    def expiry_of_many(self):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(self.binaries, directory) as five:
            five.broker.environment.update(NO_AGENT)
            self.many_at_once(five, "no agent")
        if not self.has_agent():
            return
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(self.binaries, directory) as five:
            five.broker.environment.update(NO_AGENT)
            five.login("ssi")
            five.expire("ssi")
            with Agent(five.broker, offset=five.sandbox.offset) as agent:
                five.broker.environment = agent.environment
                self.many_at_once(five, "agent just started", logged_in=True)

    def many_at_once(self, five, how, logged_in=False):
        if not logged_in:
            five.login("ssi")
            five.expire("ssi")
        crowd = Crowd()
        for _ in range(PROGRAMS):
            crowd.start(five, ("", five.broker.environment, ()), ("token", "ssi"))
        ended = crowd.let_go(120)
        done = sum(code == 0 for code, *_ in ended)
        tokens = {out for _, _, out, _ in ended}
        renewals = len(five.renewals("ssi"))
        slowest = max(seconds for _, seconds, *_ in ended)
        if (renewals, done, len(tokens)) != (1, PROGRAMS, 1):
            raise RuntimeError(f"N7: {renewals} renewals, {done} successes, {len(tokens)} tokens")
        self.line("N7", f"{PROGRAMS} processes at one expiry, {how}: 1 renewal, {done} successes, 1 token; the slowest",
                  slowest, 2, "s", 1.0, 0.25, most=True, note=" promised")

    # -- with an agent only ------------------------------------------------------------------

    def expiry_with_agent(self):
        """Tokens of ten seconds, asked for without a pause through a few of their lives."""
        life, lives = 10, 6
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
                Five(self.binaries, directory, "--set", f"fastconnect.access_lifetime={life}s") as five:
            five.broker.environment.update(NO_AGENT)
            five.login("ssi")
            each = pathlib.Path(directory) / "each"
            with Agent(five.broker) as agent:
                self.ask(agent.socket, request_for("ssi", "?need=1s"), callers=2, seconds=life * lives, pause=500, each=each)
            rows = [tuple(map(float, row.split())) for row in each.read_text().splitlines()]
            renewals = len(five.renewals("ssi"))
        ends = sorted({until for _, _, until in rows})
        at_end, mid = [], []
        for when, took, until in rows:
            left = min((end - when / 1e6 for end in ends if end - when / 1e6 > -1), default=life)
            if left <= life / 4:
                at_end.append(took)
            elif until - when / 1e6 > life / 4:
                mid.append(took)
        if renewals < lives - 2:
            raise RuntimeError(f"N10: only {renewals} renewals")
        self.line("N10", f"p99 of a token around its expiry, agent running, {renewals} renewals:", percentile(at_end, 99),
                  percentile(mid, 99), "µs", 2, 1.1, most=True,
                  note=f" mid-life; the slowest {max(at_end):.0f} and {max(mid):.0f} µs")

    def agent_at_rest(self):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
                Five(self.binaries, directory, "--set", "fastconnect.single_session=false") as five:
            five.broker.environment.update(NO_AGENT)
            one = five.config().split("[profiles.ssi]")[1].split("[profiles.")[0]
            five.broker.configure("".join(f"[profiles.p{number}]{one}" for number in range(PROFILES)))
            for number in range(PROFILES):
                five.latchkey("login", f"p{number}", "--no-otp")
            with Agent(five.broker) as agent:
                for number in range(PROFILES):
                    self.ask(agent.socket, request_for(f"p{number}"), seconds=0.001)
                status = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        self.line("N9", f"agent at rest with {PROFILES} profiles, resident memory:", resident, 10, "MiB", 1.0, 0.6, most=True)

    def silent_provider(self):
        patience = 5
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Relay() as relay, \
                Five(self.binaries, directory, timeout=f"{patience}s") as five:
            relay.to = int(five.sandbox.base.rsplit(":", 1)[1])
            five.broker.environment.update(NO_AGENT)
            through = five.config().replace(five.sandbox.base, relay.base, 1)  # ssi alone
            five.broker.configure(through)
            five.login("ssi")
            five.expire("ssi")
            five.login("pay")
            relay.silent = True
            with Agent(five.broker, offset=five.sandbox.offset) as agent:
                plan = {"callers": 2, "seconds": min(self.seconds, patience - 2), "pause": 200}
                before = self.ask(agent.socket, request_for("pay"), **plan)
                stuck = Stuck(agent, CALLERS * 2, relay)
                hurt = self.ask(agent.socket, request_for("pay"), **plan)
                longest = stuck.end()
                after = self.ask(agent.socket, request_for("pay"), **plan)
        usual = {name: (before[name] + after[name]) / 2 for name in before}
        self.line("N11", f"a token while {CALLERS * 2} callers wait for a provider that never answers, p50:", hurt["p50_us"],
                  usual["p50_us"], "µs", 1.1, 1.0, most=True,
                  note=f" without them; p99 {hurt['p99_us']:.0f} and {usual['p99_us']:.0f} µs; those callers ended after "
                       f"{longest:.1f} s at most, each call's deadline being {patience} s")


class Relay:
    """A provider's address on loopback: passes everything on to port `to`, or, when silent, takes it and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.to, self.silent, self.held = None, False, []
        self.taken = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for one in [self.listener, *self.held]:
            one.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer = self.listener.accept()[0]
                self.held.append(peer)
                if self.silent:
                    self.taken.set()
                    continue
                other = socket.create_connection(("127.0.0.1", self.to), timeout=30)
                self.held.append(other)
                for one, two in ((peer, other), (other, peer)):
                    threading.Thread(target=self.pump, args=(one, two), daemon=True).start()

    @staticmethod
    def pump(one, two):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                two.sendall(data)
            two.shutdown(socket.SHUT_WR)


class Stuck:
    """Callers of the profile whose provider is silent; the first is known to wait when this is made."""

    def __init__(self, agent, count, relay):
        self.took = []
        self.threads = [threading.Thread(target=self.call, args=(agent.socket,)) for _ in range(count)]
        for thread in self.threads:
            thread.start()
        if not relay.taken.wait(10):
            raise RuntimeError("N11: nobody called the silent provider")

    def call(self, path):
        begin = time.monotonic()
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(120)
            one.connect(str(path))
            one.sendall(request_for("ssi").encode())
            answer = b""
            while data := one.recv(65536):
                answer += data
        if b'"error":"lost_rotation"' in answer:  # sent, and nobody will ever know what came of it
            self.took.append(time.monotonic() - begin)

    def end(self):
        for thread in self.threads:
            thread.join()
        if len(self.took) != len(self.threads):
            raise RuntimeError("N11: a caller was not told what became of its login")
        return max(self.took)


def percentile(values, percent):
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def times_of(commands, environment, times=RUNS):
    """The median wall time of each whole process, taken in turns."""
    taken = [[] for _ in commands]
    for _ in range(times):
        for command, mine in zip(commands, taken):
            start = time.perf_counter()
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
            mine.append(time.perf_counter() - start)
    return [statistics.median(mine) for mine in taken]


def system_calls(command, environment):
    """How many the program makes between its two writes to a descriptor that is not there."""
    with tempfile.NamedTemporaryFile(prefix="latchkey-") as trace:
        subprocess.run(["strace", "-qq", "-o", trace.name, *map(str, command)], env=environment, check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        lines = pathlib.Path(trace.name).read_text().splitlines()
    marks = [number for number, line in enumerate(lines) if line.startswith("write(-1,")]
    if len(marks) != 2:
        raise RuntimeError("N4: the program did not mark its calls")
    return marks[1] - marks[0] - 1
