#!/usr/bin/env python3
"""An agent with 100 profiles: what it holds in memory, at rest and after it has renewed.   // promise N9

    many_profiles.py DIRECTORY-OF-PROGRAMS [--most MEBIBYTES]
"""
import argparse
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from agent import Agent, until  # noqa: E402
from five import Five  # noqa: E402

PROFILES = 100


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--most", type=float, help="fail above this, at rest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(options.bin, directory) as five:
        text = five.config()
        one = text[text.index("[profiles.pay]"):]
        names = [f"pay{number}" for number in range(PROFILES)]
        five.broker.configure("".join(one.replace("profiles.pay", "profiles." + name) for name in names))
        for name in names:
            five.latchkey("token", name)
        with Agent(five.broker) as agent:
            until(lambda: agent.status()["vault"]["state"] == "open")
            for name in names:
                assert agent.ask("GET", f"/v1/token/{name}")[0] == 200
            at_rest = agent.memory()
            with agent.events() as events:
                five.latchkey("logout", "--forget", names[0])
                events.next("forgot")
            assert agent.ask("GET", f"/v1/token/{names[0]}")[0] == 200
            renewed = agent.memory()
    print(f"{PROFILES} profiles: {at_rest / 2**20:.1f} MiB at rest, {renewed / 2**20:.1f} MiB after a renewal")
    return 1 if options.most and at_rest > options.most * 2**20 else 0


if __name__ == "__main__":
    sys.exit(main())
