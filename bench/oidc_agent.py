"""oidc-agent with one account, as a yardstick for our agent. Its provider is a small one of ours on loopback;
everything it writes lies below one directory, and it ends with the `with` block.
"""
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

REQUEST = json.dumps({"request": "access_token", "account": "bench", "min_valid_period": 60, "application_hint": "bench"})
WANTED = '"status":"success"'
TOKEN_SIZE = 213  # as long as the token that our own agent gives
START_SECONDS = 10


def version():
    """"4.2.6"; None when it is not installed."""
    if not shutil.which("oidc-agent") or not shutil.which("oidc-gen"):
        return None
    said = subprocess.run(["oidc-agent", "--version"], capture_output=True, text=True, timeout=10)
    return (said.stdout + said.stderr).split()[-1]


class Issuer(http.server.BaseHTTPRequestHandler):
    """Discovery, and an access token for an hour."""

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.answer({"issuer": base + "/", "authorization_endpoint": base + "/authorize",
                     "token_endpoint": base + "/token", "jwks_uri": base + "/keys",
                     "scopes_supported": ["openid", "offline_access"], "response_types_supported": ["code"],
                     "grant_types_supported": ["refresh_token", "authorization_code"]})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer({"access_token": "t" * TOKEN_SIZE, "token_type": "Bearer", "expires_in": 3600,
                     "refresh_token": "r", "scope": "openid offline_access"})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class OidcAgent:
    """`socket` answers REQUEST."""

    def __init__(self, directory, prefix=()):
        self.home = pathlib.Path(directory) / "oidc"
        settings = self.home / ".oidc-agent"
        settings.mkdir(parents=True)
        self.socket = self.home / "agent.sock"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home),
                            "OIDC_CONFIG_DIR": str(settings), "OIDC_SOCK": str(self.socket),
                            "OIDC_ENCRYPTION_PW": "bench"}
        self.issuer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
        threading.Thread(target=self.issuer.serve_forever, daemon=True).start()
        self.process = subprocess.Popen(
            [*prefix, "oidc-agent", "--console", "--no-autoload", f"--socket-path={self.socket}"], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        try:
            self.wait()
            self.add_account()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.issuer.shutdown()
        self.issuer.server_close()

    def wait(self):
        end = time.monotonic() + START_SECONDS
        while not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("oidc-agent did not start")
            time.sleep(0.01)

    def add_account(self):
        words = ["oidc-gen", "bench", "--manual", f"--issuer=http://127.0.0.1:{self.issuer.server_port}/",
                 "--client-id=bench", "--client-secret=bench", "--scope=openid offline_access", "--rt=r", "--pw-env",
                 "--prompt=none", "--confirm-default", "--redirect-uri=http://localhost:8080"]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError("oidc-gen: " + done.stderr)
