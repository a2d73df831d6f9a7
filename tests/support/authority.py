"""`latchkeyd serve` with one realm of its own: for settings that a sandbox does not have."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from sandbox import clean_environment, plain_fetch


class Authority:
    """A production authority on a free loopback port. Accounts are made before `serve`."""

    def __init__(self, binaries, dialect, settings=None):
        self.program = pathlib.Path(binaries).resolve() / "latchkeyd"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-"))
        self.environment = clean_environment(self.directory)
        self.process, self.base = None, None
        self.config = self.directory / "latchkeyd.toml"
        (self.directory / "state").mkdir(mode=0o700)
        subprocess.run([self.program, "key", "create", self.directory / "master.key"],
                       check=True, env=self.environment, timeout=60)
        lines = ['[listen]\naddress = "127.0.0.1"\nport = 0\n',
                 f'[master_key]\nfile = "{self.directory}/master.key"\n',
                 f'[state]\ndirectory = "{self.directory}/state"\n',
                 f'[realms.{dialect}]\ndialect = "{dialect}"\n', f"[realms.{dialect}.settings]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in (settings or {}).items()]
        self.config.write_text("\n".join(lines) + "\n")

    def secret_file(self, text):
        path = pathlib.Path(tempfile.mktemp(dir=self.directory))
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def admin(self, *words):
        """One administrative command; what it printed, as JSON where it is JSON."""
        done = subprocess.run([self.program, "--config", self.config, "--json", *map(str, words)],
                              capture_output=True, text=True, env=self.environment, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"latchkeyd {' '.join(map(str, words))}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def serve(self):
        self.process = subprocess.Popen([self.program, "--config", self.config, "serve"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True, env=self.environment)
        said = ""
        for line in self.process.stderr:
            said += line
            port = re.search(r"listening.*\bport\b\W+(\d+)", line)
            if port:
                self.base = f"http://127.0.0.1:{port[1]}"
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return self
        raise RuntimeError("the authority did not start: " + said)

    def fetch(self, method, path, body=None, headers=None):
        return plain_fetch(self.base, method, path, body, headers)

    def close(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
