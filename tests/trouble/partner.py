#!/usr/bin/env python3
"""Who calls with a partner code while the database cannot be read.    // checklist 70; promise I11

    partner.py --bin DIRECTORY

Whether a partner has a key is then not known: TCONNECT's wire says 503 with Retry-After to every partner, never that there
is no such partner; and when the disk is well again, the same process tells the two apart.
"""
import argparse
import json
import pathlib
import sys

from house import Authority

PATHS = ("/openapi/v1/auth/login", "/openapi/v1/auth/refresh", "/openapi/v1/transaction/qr")
# A partner with a key learns that the envelope holds nothing; who has none, that nobody has it.
WELL = {"till": 400, "stranger": 403}
wrong = []


def call(house, path, partner):
    return house.fetch("POST", path, '{"data":"00"}', {"Content-Type": "application/json", "Partner-Code": partner})


def during(house, what):
    for path in PATHS:
        for partner in WELL:
            status, headers, text = call(house, path, partner)
            wait = headers["Retry-After"] or "none"
            if status != 503 or not wait.isdigit() or int(wait) < 1:
                wrong.append(f"{what}: {path} told the {partner} {status}, Retry-After {wait}: {text}")
            elif json.loads(text).get("error") != "temporarily_unavailable":
                wrong.append(f"{what}: not the wire's: {text[:200]}")


def after(house, what):
    for path in PATHS:
        for partner, wanted in WELL.items():
            status, _, text = call(house, path, partner)
            if status != wanted:
                wrong.append(f"after {what}: {path} told the {partner} {status}: {text}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    house = Authority(binaries, "tconnect")
    try:
        house.admin("client", "create", "app", "--partner", "till")
        orders = house.directory / "orders"
        library = pathlib.Path(binaries).resolve() / "libfailing_disk.so"
        house.environment.update(LD_PRELOAD=str(library), FAILING_DISK=str(orders),
                                 ASAN_OPTIONS="verify_asan_link_order=0")
        orders.write_text("")
        house.serve()
        orders.write_text("EIO all")  # before anything of a partner was read
        during(house, "gone")
        orders.write_text("")
        after(house, "gone")
    finally:
        house.close()
    print("\n".join(wrong) or "no partner was taken for a stranger")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
