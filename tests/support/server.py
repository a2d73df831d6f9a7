"""`latchkeyd serve`: started, and stopped as an init system would."""
import json
import re
import signal
import subprocess
import threading
import types

PATIENCE = 30


class Server:
    """Waits until it listens; RuntimeError with what it said if it does not."""

    def __init__(self, binaries, words, environment, directory):
        self.said, self.port, self.listens = [], None, threading.Event()
        self.process = subprocess.Popen([binaries / "latchkeyd", *words, "serve"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=environment, cwd=directory, start_new_session=True)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        if not self.listens.wait(PATIENCE) or self.port is None:
            raise RuntimeError("it does not listen: " + self.stop().stderr)

    def read(self):
        for line in self.process.stdout:
            self.said.append(line)
            if re.search(r'"listening"', line):
                self.port = str(json.loads(line)["port"])
                self.listens.set()
        self.listens.set()

    def text(self):
        return "".join(self.said)

    def stop(self):
        """SIGTERM; what it said, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        return types.SimpleNamespace(returncode=self.process.returncode, stdout="", stderr=self.text(), shown="")
