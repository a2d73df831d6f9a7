#!/usr/bin/env python3
"""Seed 001's flow in --language python, node or php: its 30 days are refused by default, cut where the
authority is told to be lax, and no trouble where the client asks for less than a day."""
import base64
import json
import time

from story import Story, arguments, hear_client

from authority import Authority  # noqa: E402
from sandbox import Sandbox  # noqa: E402

DAY = 24 * 3600


def end_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]


def flow(story, what, said, organizations, operators):
    story.claim(f"{what}: both tokens", "refused" not in said and "operator" in said, said.get("refused"))
    verdict = said.get("validation", {})
    story.claim(f"{what}: validated", verdict.get("isValid") is True and verdict["error"] is None, verdict)
    story.claim(f"{what}: a broken token is not", said.get("bad") == {"isValid": False, "error": "Invalid token"}
                or said.get("bad") == {"isValid": False, "valid": False, "error": "Invalid token"}, said.get("bad"))
    story.claim(f"{what}: the company's organizations", [o["id"] for o in said["organizations"]] == organizations, said)
    story.claim(f"{what}: the operators of its own", [o["id"] for o in said["operators"]] == operators, said)


def by_default(story, run, binaries):
    with Sandbox(binaries, "--dialect", "chathub") as sandbox:
        system = sandbox.info["systems"]["chathub"]
        user, organization = system["users"][0], system["organizations"][0]
        given = {"base": sandbox.base, "login": user["login"], "password": user["password"],
                 "operator": organization["operators"][0]["id"]}
        said = run(given | {"days": 30})
        story.claim("30 days: 400 with the documented body", "operator" not in said and said["refused"][0] == 400
                    and said["refused"][1]["error"] == "Bad Request", said.get("refused"))
        said = run(given | {"days": 0.9})
        flow(story, "less than a day", said, [o["id"] for o in system["organizations"]],
             [o["id"] for o in organization["operators"]])
        story.claim("until when it was asked for", abs(end_of(said["operator"]) - time.time() - 0.9 * DAY) < 60)
        said = run(given | {"days": 0.9, "password": "wrong"})
        story.claim("a wrong password: 401", said["refused"][0] == 401, said)
        asked = [r for r in json.loads(sandbox.control("requests", "--json"))][-1]
        story.claim("and was not tried again", asked["status"] == 401 and sum(
            r["status"] == 401 for r in json.loads(sandbox.control("requests", "--json"))) == 1)
        said = run(given | {"days": 0.9, "operator": 4711})
        story.claim("an unknown operator: 404", said["refused"][0] == 404, said["refused"])


def told_to_be_lax(story, run, binaries):
    settings = {"operator_hours_strict": False, "legacy_valid_field": True}
    with Authority(binaries, "chathub", settings) as authority:
        password = "correct horse battery"
        authority.admin("user", "create", "company", "--password-file", authority.secret_file(password))
        organization = authority.admin("organization", "create", "Support", "--owner", "company")[0]["id"]
        operator = authority.admin("operator", "create", "Olena", "--organization", organization)[0]["id"]
        authority.serve()
        said = run({"base": authority.base, "login": "company", "password": password, "operator": operator, "days": 30})
        flow(story, "30 days, lax", said, [organization], [operator])
        story.claim("lax: cut to 24 hours", abs(end_of(said["operator"]) - time.time() - DAY) < 60)
        story.claim("lax: `valid`, which the Python sample reads", said["validation"]["valid"] is True, said["validation"])


def main():
    options = arguments(language={"required": True})
    story = Story()

    def run(given):
        return hear_client(options, "chathub", given)
    by_default(story, run, options.bin)
    told_to_be_lax(story, run, options.bin)
    story.end()


if __name__ == "__main__":
    main()
