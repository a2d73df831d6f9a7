"""The authority's promises: N1, N2, N3, N8 and N9, the authority on one core and its load on the other."""
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import logins
from sandbox import Sandbox, clean_environment

SERVER_CORE, LOAD_CORE = "0", str(min(1, os.cpu_count() - 1))
CONNECTIONS = 64
ROUNDS = 5
HELD, LEAST_FOR_HELD = 200_000, 1_000_000
SYSTEMS = ("fastconnect", "chathub", "alor", "sinopac", "tconnect")
TICK = os.sysconf("SC_CLK_TCK")


def on_core(core, command, **options):
    return subprocess.run(["taskset", "-c", core, *map(str, command)], capture_output=True, text=True, **options)


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Figure:
    """What one load came to: so many a second on the clock, and so much of the server's processor time each."""

    def __init__(self, result, seconds, rss):
        self.per_second, self.requests, self.rss = result["per_second"], result["requests"], rss
        self.cost = 1e6 * seconds / result["requests"]  # µs
        self.p50, self.p99 = result["p50_us"], result["p99_us"]

    def note(self):
        return f"p50 {self.p50 / 1e3:.2f} ms, p99 {self.p99 / 1e3:.2f} ms, resident {self.rss:.0f} MiB"


class AuthorityBench:
    def __init__(self, binaries, seconds, report, stores=None):
        self.binaries, self.seconds, self.report = pathlib.Path(binaries).resolve(), seconds, report
        self.stores = stores  # where N8's stores stay, for the next time
        self.hello_figure = None

    # -- what is measured against ---------------------------------------------------

    def hello(self):
        """A bare Boost.Beast server; measured once a run."""
        if self.hello_figure is None:
            server = subprocess.Popen(["taskset", "-c", SERVER_CORE, self.binaries / "bench_hello"],
                                      stdout=subprocess.PIPE, text=True)
            try:
                port = server.stdout.readline().strip()
                self.hello_figure = self.load(server.pid, port, [""], body="{}")
            finally:
                server.terminate()
                server.wait()
                server.stdout.close()
        return self.hello_figure

    def signatures(self):
        """openssl divides by processor time: what else runs does not count."""
        seconds = str(max(1, int(self.seconds)))
        done = on_core(SERVER_CORE, ["openssl", "speed", "-seconds", seconds, "ecdsap256"], timeout=120)
        row = next(line for line in done.stdout.splitlines() if "nistp256" in line)
        return float(row.split()[-2])

    # -- load --------------------------------------------------------------------------

    def load(self, pid, port, tokens, **plan):
        words = [self.binaries / "bench_load", "--port", port, "--connections", CONNECTIONS, "--seconds", self.seconds]
        for name, value in plan.items():
            for one in value if isinstance(value, list) else [value]:
                words += [f"--{name}", one]
        before = processor_seconds(pid)
        done = on_core(LOAD_CORE, words, input="\n".join(tokens), timeout=300)
        spent = processor_seconds(pid) - before
        if not done.stdout:
            raise RuntimeError("the load broke: " + done.stderr)
        result = json.loads(done.stdout)
        if result["refused"] or result["broken"]:
            raise RuntimeError(f"the load was refused: {result}")
        return Figure(result, spent, resident_mib(pid))

    def sandbox(self, *arguments):
        sandbox = Sandbox(self.binaries, "--threads", "1", "--plain", "--set", "fastconnect.jwt_alg=ES256",
                          "--set", "fastconnect.single_session=false", *arguments)
        subprocess.run(["taskset", "-a", "-p", "-c", SERVER_CORE, str(sandbox.process.pid)],
                       capture_output=True, check=True)
        return sandbox

    def load_on(self, sandbox, tokens, **plan):
        return self.load(sandbox.process.pid, sandbox.base.rsplit(":", 1)[1], tokens, **plan)

    def refreshes(self, sandbox):
        tokens = [logins.fastconnect(sandbox) for _ in range(CONNECTIONS)]
        return self.load_on(sandbox, tokens, path="/api/v3/auth/refresh", body='{"refreshToken":"{}"}',
                            next="refreshToken")

    def scattered_refreshes(self, sandbox, directory):
        """Each request another login of those that were filled in; what is used up is crossed off."""
        held = pathlib.Path(directory) / "held"
        tokens = held.read_text().split()
        figure = self.load_on(sandbox, tokens, path="/api/v3/auth/refresh", body='{"refreshToken":"{}"}', once="yes")
        held.write_text("\n".join(tokens[figure.requests + CONNECTIONS:]))
        return figure

    def opaque_refreshes(self, sandbox):
        tokens = [logins.sinopac(sandbox) for _ in range(CONNECTIONS)]
        return self.load_on(sandbox, tokens, path="/oauth2/token", type=logins.AS_FORM["Content-Type"],
                            body=logins.sinopac_refresh_form(sandbox), next="refresh_token")

    def validations(self, sandbox):
        company, operator = logins.chathub(sandbox)
        return self.load_on(sandbox, [operator], path="/api/operator/validate-token",
                            header=[f"Authorization: Bearer {company}"], body='{"token":"{}"}')

    # -- one promise each ----------------------------------------------------------------

    def compare(self, name, what, ours, rate, cost, promise, reach, against):
        """A ratio by the clock, and one by processor time, which other programs disturb less."""
        self.report(name, what, ours.per_second, rate, "/s", promise, reach,
                    note=f" {against}; {ours.cost:.1f} µs of processor time each, against {cost:.1f}: "
                         f"ratio {cost / ours.cost:.2f}; {ours.note()}")

    def rotation(self):
        """What a signature takes hardly varies, what a commit takes does: the middle one of several rounds is told."""
        rounds = sorted((self.rotation_round() for _ in range(ROUNDS)), key=lambda one: one[0].per_second / one[1])
        ratios = [ours.per_second / rate for ours, rate in rounds]
        ours, rate = rounds[ROUNDS // 2]
        self.compare("N1", "refresh with rotation, ES256, SQLite FULL, one core:", ours, rate, 1e6 / rate, 0.35, 0.55,
                     f"openssl ecdsap256, the middle one of {ROUNDS} rounds from {ratios[0]:.2f} to {ratios[-1]:.2f}")

    def rotation_round(self):
        rate = self.signatures()
        with self.sandbox() as sandbox:
            return self.refreshes(sandbox), rate

    def opaque(self):
        hello = self.hello()
        with self.sandbox() as sandbox:
            self.compare("N2", "refresh with opaque tokens, SQLite FULL, one core:", self.opaque_refreshes(sandbox),
                         hello.per_second, hello.cost, 0.20, 0.35, "Beast hello")

    def validation(self):
        hello = self.hello()
        with self.sandbox() as sandbox:
            self.compare("N3", "validate-token, one core:", self.validations(sandbox), hello.per_second, hello.cost,
                         0.45, 0.65, "Beast hello")

    def growth(self, sizes):
        """N8: the same with more and more live grants in the store; the first size is what the others are held to."""
        first = None
        for grants in sizes:
            with self.store_of(grants) as directory:
                bytes_each = self.filled(directory, grants)
                start = time.perf_counter()
                with self.sandbox("--dir", directory) as sandbox:
                    ready = time.perf_counter() - start
                    figures = self.refreshes(sandbox), self.validations(sandbox)
                    scattered = self.scattered_refreshes(sandbox, directory) if grants >= LEAST_FOR_HELD else None
            name = f"{grants:,}".replace(",", " ")
            if first is None:
                first, base = figures, name
            for what, ours, then in zip(("refresh, ES256", "validate-token"), figures, first):
                self.compare("N8", f"{what}, {name} live grants:", ours, then.per_second, then.cost, 0.7, 0.9,
                             f"with {base}")
            if scattered:
                self.compare("N8", f"refresh, ES256, each time of another one of {name} live grants:", scattered,
                             first[0].per_second, first[0].cost, None, None, f"with {base}, the same ones on and on")
            self.report("N8", f"bytes on disk of each of {name} live grants:", bytes_each, 400, "bytes", 1.0, 0.62,
                        most=True)
            rss = max(figure.rss for figure in figures)
            self.report("N8", f"authority's resident memory with {name} live grants:", rss, 256, "MiB", 1.0, 0.5,
                        most=True)
            self.report("N9", f"sandbox ready with {name} live grants:", ready, 1, "s", 1.0, 1.0, most=True)

    def store_of(self, grants):
        if self.stores is None:
            return tempfile.TemporaryDirectory(prefix="latchkey-", dir=os.environ.get("BENCH_DIR"))
        directory = pathlib.Path(self.stores).resolve() / str(grants)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return contextlib.nullcontext(directory)

    def filled(self, directory, grants):
        """Bytes of each grant, as they were when the store was filled."""
        note = pathlib.Path(directory) / "bytes-each"
        if not note.exists():
            note.write_text(str(self.fill(directory, grants)))
        return float(note.read_text())

    def fill(self, directory, grants):
        with self.sandbox("--dir", directory) as sandbox:  # the schema, and the accounts
            logins.fastconnect(sandbox)
        store = pathlib.Path(directory) / "latchkeyd.db"
        before = store.stat().st_size
        held = ["--held", str(HELD), "--key", f"{directory}/master.key"] if grants >= LEAST_FOR_HELD else []
        with (pathlib.Path(directory) / "held").open("w") as tokens:
            subprocess.run([self.binaries / "bench_fill", "--realm", "fastconnect", "--grants", str(grants), *held, store],
                           check=True, timeout=3600, stdout=tokens)
        return (store.stat().st_size - before) / grants

    def rest(self):
        with tempfile.TemporaryDirectory(prefix="latchkey-") as directory:
            folder = pathlib.Path(directory)
            environment = clean_environment(folder)
            authority = self.binaries / "latchkeyd"
            subprocess.run([authority, "key", "create", folder / "master.key"], env=environment, capture_output=True,
                           check=True)
            realms = "".join(f'[realms.{name}]\ndialect = "{name}"\n' for name in SYSTEMS)
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            (folder / "latchkeyd.toml").write_text(
                f'[listen]\naddress = "127.0.0.1"\nport = {port}\n[monitor]\npublic = "health"\n[state]\ndirectory = "{folder}/state"\n'
                f'[master_key]\nfile = "{folder}/master.key"\n{realms}')
            for what in ("for the first time", "with an empty store"):
                ready, rss = started([authority, "serve", "--config", folder / "latchkeyd.toml"], environment, port)
                self.report("N9", f"authority of five realms ready after a start {what}:", ready * 1e3, 100, "ms",
                            1.0, 1.0, most=True)
        self.report("N9", "authority at rest, resident memory:", rss, 20, "MiB", 1.0, 0.6, most=True)


def started(command, environment, port):
    """Seconds until the authority answers, and its resident memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError("the authority did not start")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    break
            except urllib.error.URLError:
                time.sleep(0.001)
        ready = time.perf_counter() - start
        return ready, resident_mib(process.pid)
    finally:
        process.terminate()
        process.wait()
