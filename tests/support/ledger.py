#!/usr/bin/env python3
"""Judges what happened, from two files that know nothing of each other.

    ledger.py AUTHORITY [--clients FILE] [--in-motion]

AUTHORITY is what `latchkeyd sandbox --ledger FILE` wrote: one JSON object per operation, in the words of
src/server/sandbox/bookkeeper.h. The clients' file has one line per run of a client, written by whoever ran it
(ClientLedger below):

    pid, command      which process, and its words ("token desk", "agent run")
    began, time       seconds since 1970 when it was started and when it had ended
    exit              its exit code; negative: killed by that signal
    profile           whose token it was about; runs of one profile belong together
    token_hash        token_hash() of the token that it printed, if it did
    generation        the vault's, if it was looked at
    need              how many seconds the token was to live at least, if it said so

This shares no code with the product. Judged are I1, I4, I5, I6 and I12 from the authority's file alone; I2, I3 and I11
when there is a clients' file. One complaint a line, "I1 what is wrong"; exit code 1 if there is any.
"""
import argparse
import collections
import datetime
import hashlib
import json
import os
import sys
import time

ISSUES = ("login", "exchange", "delegate", "refresh", "issue")
AUTH = ("login", "request_otp", "exchange", "delegate", "refresh")  # what a provider's interval counts
KILL_WITHIN = 1.0  # seconds from a reuse to the end of the family (I6)
SLACK = 0.05  # seconds: two requests may come a little closer together than they were sent
LONGEST_WAIT = 3600  # a Retry-After beyond an hour binds nobody
CLOCK_MOVED = 2.0  # seconds between the authority's clock and the machine's: somebody moved it
EARLY = 120.0  # seconds of life left (or a third of it) with which a token is no reason to refresh
LATE = 5.0  # seconds that an authority may take to get to a request
NEEDS_PERSON, REFUSED, LOST = 3, 5, 9  # exit codes that say that a login is over
FORCES = ("login", "refresh", "request", "proxy", "agent")  # commands that may refresh a token that lives


def token_hash(text):
    """As the authority's ledger names a token."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(path):
    """The objects of a file of JSON lines; a last line without its end is left out."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


class ClientLedger:
    """What clients did, written as they end; several processes may append to one file."""

    def __init__(self, path):
        self.path = path

    def record(self, command, exit, began, pid=0, profile="", token=None, generation=None, ended=None, need=None):
        line = {"pid": pid, "command": command, "began": began, "time": time.time() if ended is None else ended,
                "exit": exit, "profile": profile}
        if token:
            line["token_hash"] = token_hash(token.strip())
        if generation is not None:
            line["generation"] = generation
        if need is not None:
            line["need"] = need
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, (json.dumps(line) + "\n").encode())
            os.fsync(file)
        finally:
            os.close(file)


class Event:
    """One line of the authority's ledger, its times as seconds."""

    def __init__(self, line):
        self.line = line
        self.op, self.system = line["op"], line.get("system", "")
        self.token, self.parent = line.get("token", ""), line.get("parent", "")
        self.access, self.refresh = line.get("access", ""), line.get("refresh", "")
        self.family, self.client, self.user = (line.get(name, "") for name in ("family", "client", "user"))
        self.ok = line.get("result") == "ok"
        self.done = line.get("real", 0) / 1e6
        self.began = line.get("began", line.get("real", 0)) / 1e6
        self.at = instant(line.get("time"))
        self.until, self.refresh_until = instant(line.get("until")), instant(line.get("refresh_until"))
        self.fault = line.get("fault", "")

    @property
    def issues(self):
        return self.ok and self.op in ISSUES and bool(self.access)

    @property
    def account(self):
        return self.user or self.client

    def __str__(self):
        return f"{self.op} of {self.system} {self.account or '?'} (request {self.line.get('request', '-')})"


def instant(text):
    if not text:
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class History:
    """The authority's events in order, and what follows from them at once."""

    def __init__(self, lines):
        self.systems = {line["system"]: line for line in lines if line["op"] == "open"}
        self.events = sorted((Event(line) for line in lines if line["op"] != "open"), key=lambda e: e.done)
        self.family_of, self.issued_by = {}, {}
        for event in self.events:
            if event.issues:
                for token in (event.access, event.refresh):
                    if token:
                        self.family_of[event.system, token] = (event.system, event.family)
                self.issued_by[event.access] = event
                if event.op == "exchange":  # its code belongs to the family from here on
                    self.family_of[event.system, event.token] = (event.system, event.family)

    def is_single_use(self, event):
        return event.op == "exchange" or self.systems.get(event.system, {}).get("rotation") == "single_use"

    def revokes_on_reuse(self, event):
        policy = self.systems.get(event.system, {}).get("on_replay", "revoke_family")
        return event.op == "exchange" or policy != "refuse"

    def family(self, event):
        """The family whose token was presented, or that came of it."""
        known = self.family_of.get((event.system, event.token))
        return known or ((event.system, event.family) if event.family else None)

    def heads(self):
        """The last effective event of each family."""
        return {(e.system, e.family): e for e in self.events if e.issues}

    def ended(self):
        """When each family ended, as far as that is written down: the one that the line names."""
        when = {}
        for event in self.events:
            family = (event.system, event.family) if event.family else self.family(event)
            if family and event.line.get("ended"):
                when.setdefault(family, event.done)
        return when


def effective_refreshes(lines, system=None, account=None):
    """How many refreshes the authority committed (for a test that knows the number)."""
    return [e for e in History(lines).events if e.op == "refresh" and e.ok
            and system in (None, e.system) and account in (None, e.client, e.user)]


# -- from the authority's file alone ------------------------------------------------------------------------------


def single_successor(history):
    """I1: of a token that can be used once, one thing came at most."""
    successors = collections.defaultdict(dict)
    for event in history.events:
        if event.ok and event.op in ("refresh", "exchange") and history.is_single_use(event):
            successors[event.system, event.token][event.refresh or event.access] = event
    for (system, token), made in successors.items():
        if len(made) > 1:
            requests = ", ".join(e.line.get("request", "-") for e in made.values())
            yield f"I1 {system} token {token} has {len(made)} successors (requests {requests})"


def durable(history):
    """I4: what was issued is known from then on, until it has come to its end."""
    known = {}
    for event in sorted(history.events, key=lambda e: e.began):
        made = known.get((event.system, event.token))
        if made and event.op != "exchange" and not event.family and event.began > made[0].done:
            issued, until = made
            if until is None or event.at is None or event.at < until:
                yield f"I4 {event} brought a token that {issued} had issued, and nobody knew it"
        if event.issues:
            known[event.system, event.access] = (event, event.until)
            if event.refresh:
                known[event.system, event.refresh] = (event, event.refresh_until)


def no_resurrection(history):
    """I5: nothing of a family is accepted that was asked after its revocation was acknowledged."""
    over = {}
    for event in history.events:
        if event.op == "revoke" and event.ok and history.family(event):
            over.setdefault(history.family(event), event.done)
    yield from _accepted_after(history, over, 0, "I5", "was revoked")


def family_kill(history):
    """I6: a second after a reuse, every member of the family is dead."""
    over = {}
    for event in history.events:
        if event.line.get("replayed") and history.revokes_on_reuse(event) and history.family(event):
            over.setdefault(history.family(event), event.done)
    yield from _accepted_after(history, over, KILL_WITHIN, "I6", "died of a reuse")


def _accepted_after(history, over, grace, invariant, how):
    for event in history.events:
        families = {history.family_of.get((event.system, event.token))}
        if event.op != "delegate":
            families.add((event.system, event.family))
        for family in families & set(over):
            if event.ok and event.op != "revoke" and event.began > over[family] + grace:
                yield f"{invariant} {event} was accepted {event.began - over[family]:.3f} s after its family {how}"


def no_storm(history):
    """I12: never more often than the provider says, and not before it said to come back."""
    last, wait = {}, {}
    for event in sorted(history.events, key=lambda e: e.began):
        if event.op not in AUTH or not event.account:
            continue
        who = (event.system, event.account)
        interval = float(history.systems.get(event.system, {}).get("interval", 0))
        if who in last and interval and _apart(last[who], event) < interval - SLACK:
            yield (f"I12 {event} came {_apart(last[who], event):.3f} s after the one before; "
                   f"the interval is {interval:g} s")
        if who in wait and event.began > wait[who].done:
            bound = wait[who].line["retry_after"]
            if _apart(wait[who], event) < bound - SLACK:
                yield f"I12 {event} came {_apart(wait[who], event):.3f} s after it was told to wait {bound} s"
            else:
                del wait[who]
        if 0 < event.line.get("retry_after", 0) <= LONGEST_WAIT:
            wait[who] = event
        last[who] = event


def _apart(first, second):
    """Seconds between two events, by the machine's clock or, where somebody moved it, the authority's."""
    real = second.began - first.began
    theirs = (second.at or 0) - (first.at or 0)
    return theirs if theirs - real > CLOCK_MOVED else real


# -- with what the clients saw ------------------------------------------------------------------------------------


def no_wrong_success(history, clients):
    """I11: what a client printed, the authority had issued before."""
    for run in clients:
        printed = run.get("token_hash")
        if run["exit"] != 0 or not printed:
            continue
        issued = history.issued_by.get(printed)
        if issued is None:
            yield f"I11 {_run(run)} printed {printed}, which nobody issued"
        elif issued.began > run["time"]:
            yield f"I11 {_run(run)} printed {printed} before it was issued"


def exactly_once(history, clients):
    """I3: a refresh is asked for by somebody, and for a reason."""
    before = {}
    for event in history.events:
        family = (event.system, event.family)
        if event.op == "refresh" and event.ok:
            if not any(_covers(run, event) for run in clients):
                yield f"I3 {event} was asked for by nobody"
            held = before.get(family)
            spoiled = bool(event.fault)  # it may have been done long after it was asked for
            if held is not None and not spoiled and _reached(held, clients) and _is_early(held, event) \
                    and not any(_covers(run, event) and _may_renew(run, held, event) for run in clients):
                yield f"I3 {event} came while the token before it had {held.until - event.at:.0f} s to live"
        if event.issues:
            before[family] = event


def _is_early(held, event):
    if held.until is None or held.at is None or event.at is None:
        return False
    return held.until - event.at > max(EARLY, (held.until - held.at) / 3)


def no_orphan(history, clients, at_rest=True):
    """I2: at rest, each profile holds the live head of its family, or knows that it does not."""
    heads, ended = history.heads(), history.ended()
    profiles = collections.defaultdict(list)
    for run in sorted(clients, key=lambda run: run["time"]):
        profiles[run.get("profile", "")].append(run)
    for profile, runs in profiles.items():
        said = [run for run in runs if not run["command"].startswith("agent")]
        if not said:
            continue
        last = said[-1]
        printed = [run for run in said if run["exit"] == 0 and run.get("token_hash") in history.issued_by]
        if not printed:
            continue
        with_last = [run for run in printed if run["time"] >= last["began"]] or printed[-1:]
        held = max((history.issued_by[run["token_hash"]] for run in with_last), key=lambda event: event.done)
        family = (held.system, held.family)
        head = heads[family]
        if last["exit"] == 0:
            if head is not held and family not in ended and history.is_single_use(head):
                yield f"I2 profile {profile!r} holds what came of {held}, and the head of its family is {head}"
        elif last["exit"] in (NEEDS_PERSON, REFUSED, LOST):
            if family not in ended and _reached(head, clients) and not _over(head, history):
                yield f"I2 {_run(last)} gave up, but the head of its family lives and had arrived: {head}"
        elif at_rest:
            yield f"I2 {_run(last)} was the last of profile {profile!r}: it is not at rest"


def _reached(event, clients):
    """Whether the answer came whole, to a client that lived on."""
    if event.fault:
        return False
    return not any(run["exit"] < 0 and _covers(run, event) for run in clients)


def _over(head, history):
    """Whether the family's refresh token has come to its end by the authority's clock, or there is none."""
    if not head.refresh and history.systems.get(head.system, {}).get("rotation") != "reusable":
        return True
    latest = max((e.at for e in history.events if e.at is not None), default=0)
    return head.refresh_until is not None and head.refresh_until <= latest


def _covers(run, event):
    late = LATE if run["exit"] < 0 else 0  # what a client sent just before it was killed is still done
    return run.get("began", 0) <= event.done and event.began <= run["time"] + late


def _may_renew(run, held, event):
    """Whether this run was free to renew a token that lives: it says so, or needed one that lives longer."""
    return run["command"].split()[:1] != [] and run["command"].split()[0] in FORCES \
        or held.until - event.at < run.get("need", 0)


def _run(run):
    return f"{run['command']!r} (pid {run.get('pid', '?')}, exit {run['exit']})"


def judge(authority, clients=None, at_rest=True):
    """Complaints about lists of lines; empty when all is well."""
    history = History(authority)
    found = [*single_successor(history), *durable(history), *no_resurrection(history), *family_kill(history),
             *no_storm(history)]
    if clients is not None:
        found += [*no_wrong_success(history, clients), *exactly_once(history, clients),
                  *no_orphan(history, clients, at_rest)]
    return found


def judge_files(authority, clients=None, at_rest=True):
    return judge(read(authority), None if clients is None else read(clients), at_rest)


def main():
    parser = argparse.ArgumentParser(description="judges what an authority and its clients did")
    parser.add_argument("authority", help="the file that latchkeyd sandbox --ledger wrote")
    parser.add_argument("--clients", help="what the clients did")
    parser.add_argument("--in-motion", action="store_true", help="the last command of a profile may have failed")
    options = parser.parse_args()
    found = judge_files(options.authority, options.clients, not options.in_motion)
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
