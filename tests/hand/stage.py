"""A sandbox with tokens that live for seconds, and a broker with profiles for it."""
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from sandbox import Broker, Sandbox  # noqa: E402

PATIENCE = 40


class Stage:
    def __init__(self, binaries, *settings):
        self.binaries = pathlib.Path(binaries).resolve()
        self.directory = tempfile.TemporaryDirectory(prefix="latchkey-")
        arguments = [word for setting in settings for word in ("--set", setting)]
        self.sandbox = Sandbox(binaries, "--log", *arguments)
        self.broker = Broker(binaries, self.directory.name)
        self.started = []
        self.configure()

    def configure(self, extra=""):
        hub = self.sandbox.info["systems"]["chathub"]
        ssi = self.sandbox.info["systems"]["fastconnect"]
        pay = self.sandbox.info["systems"]["tconnect"]
        secret = self.broker.secret_file
        self.broker.configure(f"""
[profiles.chat]
provider = "chathub"
base_url = "{self.sandbox.base}"
login = "{hub['users'][0]['login']}"
password_file = "{secret('chat-password', hub['users'][0]['password'])}"
operator = {hub['organizations'][0]['operators'][0]['id']}

[profiles.hub]
provider = "chathub"
base_url = "{self.sandbox.base}"
login = "{hub['users'][0]['login']}"
password_file = "{secret('chat-password', hub['users'][0]['password'])}"
header = "x-authorization-key"

[profiles.ssi]
provider = "fastconnect"
base_url = "{self.sandbox.base}"
live_for = "1s"
api_key = "{ssi['clients'][0]['id']}"
api_secret_file = "{secret('ssi-secret', ssi['clients'][0]['secret'])}"

[profiles.pay]
provider = "tconnect"
base_url = "{self.sandbox.base}"
username = "{pay['users'][0]['login']}"
password_file = "{secret('pay-password', pay['users'][0]['password'])}"
client_id = "{pay['clients'][0]['id']}"
client_secret_file = "{secret('pay-secret', pay['clients'][0]['secret'])}"
partner_code = "{pay['clients'][0]['partner']}"
aes_key_file = "{secret('pay-key', pay['clients'][0]['shared_key'])}"
{extra}""")

    def latchkey(self, *words, input=None, good=True):
        done = self.broker.run(*words, input=input)
        if good and done.returncode != 0:
            raise AssertionError(f"latchkey {words}: {done.returncode} {done.stderr}")
        return done

    def token(self, profile, *words):
        return self.latchkey("token", profile, *words).stdout.strip()

    def start(self, *words, **options):
        """A command that goes on; it is ended with the stage."""
        process = subprocess.Popen([self.broker.program, *map(str, words)], env=self.broker.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   stdin=subprocess.DEVNULL, start_new_session=True, **options)
        self.started.append(process)
        return process

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.sandbox.close()
        self.directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def eventually(what, happens, patience=PATIENCE):
    """Waits for something to happen; fails when it does not."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        seen = happens()
        if seen:
            return seen
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


def equal(seen, wanted, what=""):
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r} is not {wanted!r}")
