"""A sandbox of the authority and a broker with a home of its own, for tests and the demo.

Everything lives below one temporary directory and ends with it; the user's own
configuration and vault are never touched.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request


class Sandbox:
    """`latchkeyd sandbox` on a free loopback port, with a settable clock."""

    def __init__(self, binaries, *arguments):
        self.binaries = pathlib.Path(binaries).resolve()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-"))
        self.log = open(self.directory / "latchkeyd.log", "wb")
        self.environment = clean_environment(self.directory)
        self.process = subprocess.Popen(
            [self.binaries / "latchkeyd", "sandbox", "--port", "0", "--json", *arguments],
            stdout=subprocess.PIPE, stderr=self.log, env=self.environment)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError("the sandbox did not start: " + self.log_text())
        self.info = json.loads(line)
        self.base = self.info["base_url"]
        self.offset = None

    def log_text(self):
        self.log.flush()
        return (self.directory / "latchkeyd.log").read_text(errors="replace")

    def control(self, *words):
        """One verb of `latchkeyd sandbox`; its standard output."""
        done = subprocess.run([self.binaries / "latchkeyd", "sandbox", *words, "--url", self.base],
                              capture_output=True, text=True, env=self.environment, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"latchkeyd sandbox {' '.join(words)}: {done.stderr}")
        return done.stdout

    def advance(self, duration):
        """Moves the authority's clock, and the one of brokers started from now on."""
        self.offset = self.control("advance", duration).strip()

    def fetch(self, method, path, body=None, headers=None):
        return plain_fetch(self.base, method, path, body, headers)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Broker:
    """`latchkey` with a home of its own."""

    def __init__(self, binaries, directory):
        self.program = pathlib.Path(binaries).resolve() / "latchkey"
        self.home = pathlib.Path(directory) / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = clean_environment(self.home)

    def configure(self, text):
        folder = self.home / ".config" / "latchkey"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(text)

    def secret_file(self, name, text):
        path = self.home / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def run(self, *words, input=None, offset=None, extra=None, timeout=120):
        environment = dict(self.environment, **(extra or {}))
        if offset:
            environment["LATCHKEY_CLOCK_OFFSET"] = offset
        return subprocess.run([self.program, *map(str, words)], input=input, capture_output=True,
                              text=True, env=environment, timeout=timeout, start_new_session=True)


def plain_fetch(base, method, path, body=None, headers=None):
    """Status, headers and text of one plain request; never follows a redirect."""
    request = urllib.request.Request(base + path, method=method, headers=headers or {},
                                     data=None if body is None else body.encode())
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


def clean_environment(home):
    """Only what programs need; no proxy, no display, no configuration of the user."""
    passed = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LATCHKEY_MUTANT")
    kept = {name: os.environ[name] for name in passed if name in os.environ}
    return dict(kept, HOME=str(home), XDG_RUNTIME_DIR=str(home), NO_COLOR="1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
