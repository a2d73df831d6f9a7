#!/usr/bin/env python3
"""A provider whose certificate is not to be trusted.              // promises I3, I7, I8, checklist 71

    tls.py --bin DIRECTORY

Self-signed, for another host, expired, not yet valid, of another authority; plain bytes where TLS was
wanted. Wanted: exit code 6, and not a byte of the request sent: so the single-use token is not spent,
and one plain `latchkey token` succeeds afterwards.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from answers import success  # noqa: E402
from five import Five  # noqa: E402
from hostile import Hostile, reply  # noqa: E402

PATIENCE = 2
TRY_LATER = 6
SKIPPED = 77
PROFILE = "ssi"


class Maker:
    """Certificates of our own making."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.config = self.directory / "ca.cnf"
        (self.directory / "index").write_text("")
        self.config.write_text(f"""[ca]
default_ca = own
[own]
dir = {self.directory}
new_certs_dir = {self.directory}
database = {self.directory}/index
rand_serial = yes
unique_subject = no
default_md = sha256
copy_extensions = copy
policy = any
[any]
commonName = supplied
""")

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)

    def key_and_request(self, name, host):
        paths = [self.directory / f"{name}.{ending}" for ending in ("key", "csr", "pem")]
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     f"/CN={name}", "-addext", f"subjectAltName={host}", "-keyout", paths[0], "-out", paths[1])
        return paths

    def authority(self, name):
        key, pem = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        self.openssl("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-days", "2", "-keyout", key, "-out", pem)
        return pem, key

    def signed(self, name, authority, host="IP:127.0.0.1", start=-3600, end=86400):
        """(certificate, key), valid from `start` to `end` seconds from now."""
        key, request, pem = self.key_and_request(name, host)
        stamp = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + by)) for by in (start, end)]
        self.openssl("ca", "-batch", "-config", self.config, "-in", request, "-out", pem, "-cert", authority[0],
                     "-keyfile", authority[1], "-startdate", stamp[0], "-enddate", stamp[1], "-notext")
        return pem, key

    def self_signed(self, name):
        key, pem = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        self.openssl("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", key, "-out", pem)
        return pem, key


def at_expiry(five, base, ca):
    """`latchkey token` against that server; its time too."""
    text = five.config(base).replace(f'base_url = "{base}"', f'base_url = "{base}"\nca_file = "{ca}"')
    five.expire(PROFILE)
    five.broker.configure(text)
    begin = time.monotonic()
    done = five.run("--no-input", "token", PROFILE)
    took = time.monotonic() - begin
    five.configure()
    return done, took


def try_all(five, directory):
    maker, wrong = Maker(directory), []
    ours, other = maker.authority("ours"), maker.authority("other")
    good = maker.signed("good", ours)
    bad = {"self-signed": maker.self_signed("alone"), "of another authority": maker.signed("foreign", other),
           "for another host": maker.signed("elsewhere", ours, "DNS:api.example.com"),
           "for a name that only looks alike": maker.signed("alike", ours, "DNS:127.0.0.1.example.com"),
           "expired": maker.signed("old", ours, start=-7200, end=-3600),
           "not yet valid": maker.signed("young", ours, start=3600),
           "an authority's own": ours, "none: plain bytes": None}
    five.login(PROFILE)
    for what, certificate in bad.items():
        with Hostile(lambda _: reply(success(PROFILE)), tls=certificate) as server:
            done, took = at_expiry(five, server.base.replace("http:", "https:"), ours[0])
        if done.returncode not in (TRY_LATER,) or not done.stderr.startswith("latchkey: ") or done.stdout:
            wrong.append(f"{what}: {done.returncode}: {done.stderr.strip()[:200]}")
        if took > PATIENCE + 1:
            wrong.append(f"{what}: it took {took:.1f} s")
        if any(b"POST" in request or b"Token" in request for request in server.asked):
            wrong.append(f"{what}: the request was sent")
        five.advance("1h")
        after = five.run("--no-input", "token", PROFILE)
        if after.returncode != 0:
            wrong.append(f"{what}, then: {after.returncode}: {after.stderr.strip()[:200]}")
            five.login(PROFILE)
    for what, ca, code in (("a CA file that is not there", "/nowhere.pem", TRY_LATER), ("the good one", ours[0], 0)):
        with Hostile(lambda _: reply(success(PROFILE)), tls=good) as server:
            done, _ = at_expiry(five, server.base, ca)
        if done.returncode != code:
            wrong.append(f"{what}: {done.returncode}: {done.stderr.strip()[:200]}")
    return wrong, len(bad)


def main():
    parser = argparse.ArgumentParser(description="a provider whose certificate is not to be trusted")
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    if not shutil.which("openssl"):
        print("skipped: openssl is missing")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Five(options.bin, directory, timeout=f"{PATIENCE}s") as five:
        wrong, count = try_all(five, directory)
    print("\n".join(wrong) or f"ok: {count} certificates refused, nothing sent, nothing spent")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
