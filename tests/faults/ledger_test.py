#!/usr/bin/env python3
"""The judge of tests/support/ledger.py: innocent histories pass, and each invariant has guilty ones that do not."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import ledger  # noqa: E402

START = 1_772_366_400  # 2026-03-01T12:00:00Z, of the machine's and the authority's clock


def rfc3339(seconds):
    return ledger.datetime.datetime.fromtimestamp(seconds, ledger.datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def opened(system="ssi", rotation="single_use", on_replay="revoke_family", interval=0):
    return {"op": "open", "system": system, "rotation": rotation, "on_replay": on_replay, "interval": interval}


def event(op, at, result="ok", moved=0, took=0.01, **more):
    """`at`: seconds after START; `moved`: how far the authority's clock is ahead."""
    return {"op": op, "system": "ssi", "client": "key", "family": "f1", "result": result,
            "time": rfc3339(START + at + moved), "began": int((START + at) * 1e6),
            "real": int((START + at + took) * 1e6), **more}


def issued(op, at, number, token="", lives=1800, moved=0, **more):
    made = {"access": f"a{number}", "refresh": f"r{number}", "until": rfc3339(START + at + moved + lives),
            "refresh_until": rfc3339(START + at + moved + 86400)}
    if token:
        made.update(token=token, parent=token)
    return event(op, at, moved=moved, **{**made, **more})


def run(at, token=None, exit=0, command="token desk", took=0.1, profile="desk", **more):
    line = {"pid": 7, "began": START + at, "time": START + at + took, "command": command, "exit": exit,
            "profile": profile, **more}
    return dict(line, token_hash=token) if token else line


LOGIN = issued("login", 0, 1)
FIRST = run(-0.1, "a1", took=0.2)
ROTATED = issued("refresh", 1790, 2, token="r1")
SECOND = run(1789.9, "a2", took=0.3)
REUSED = event("refresh", 1800, "replayed", token="r1", replayed=True, ended=True)


class Judged(unittest.TestCase):
    def judged(self, *lines, clients=None, at_rest=True, **policy):
        return ledger.judge([opened(**policy), *lines], clients, at_rest)

    def innocent(self, *lines, **how):
        self.assertEqual(self.judged(*lines, **how), [])

    def guilty(self, invariant, says, *lines, **how):
        found = self.judged(*lines, **how)
        self.assertEqual([complaint.split()[0] for complaint in found], [invariant], found)
        self.assertIn(says, found[0])


class SingleSuccessor(Judged):
    def test_a_family_that_rotates_is_innocent(self):
        self.innocent(LOGIN, ROTATED, issued("refresh", 3500, 3, token="r2"))

    def test_two_successors_of_one_token(self):
        self.guilty("I1", "2 successors", LOGIN, ROTATED, issued("refresh", 1791, 3, token="r1"))

    def test_the_same_answer_again_is_one_successor(self):
        self.innocent(LOGIN, ROTATED, dict(ROTATED, began=ROTATED["began"] + 5))

    def test_a_reusable_token_may_have_many(self):
        for rotation in ("reusable", "reissue"):
            self.innocent(LOGIN, ROTATED, issued("refresh", 1791, 3, token="r1"), rotation=rotation)

    def test_a_code_never_has_two_whatever_the_rotation(self):
        self.guilty("I1", "2 successors", issued("exchange", 0, 1, token="code"),
                    issued("exchange", 1, 2, token="code", family="f2"), rotation="reissue")


class Durable(Judged):
    def test_a_token_that_is_known_is_innocent(self):
        self.innocent(LOGIN, event("use", 5, token="a1"))

    def test_a_token_that_was_forgotten(self):
        self.guilty("I4", "nobody knew it", LOGIN, event("use", 5, "invalid_token", token="a1", family=""))
        self.guilty("I4", "nobody knew it", LOGIN, event("refresh", 5, "invalid_token", token="r1", family=""))

    def test_a_token_that_nobody_issued_may_be_unknown(self):
        self.innocent(LOGIN, event("refresh", 5, "invalid_token", token="zz", family=""))

    def test_a_token_past_its_end_may_be_forgotten(self):
        self.innocent(LOGIN, event("use", 1800, "invalid_token", token="a1", family=""))
        self.guilty("I4", "nobody knew it", LOGIN, event("use", 1799, "invalid_token", token="a1", family=""))


class NoResurrection(Judged):
    REVOKED = event("revoke", 10, ended=True)

    def test_what_was_asked_before_the_revocation_is_innocent(self):
        self.innocent(LOGIN, issued("refresh", 9.999, 2, token="r1", took=0.5), self.REVOKED)

    def test_refusals_after_it_are_innocent(self):
        self.innocent(LOGIN, self.REVOKED, event("refresh", 11, "revoked", token="r1", ended=True))

    def test_a_refresh_after_it(self):
        self.guilty("I5", "after its family was revoked", LOGIN, self.REVOKED, issued("refresh", 10.02, 2, token="r1"))

    def test_an_access_token_that_still_works_after_it(self):
        self.guilty("I5", "use of ssi", LOGIN, self.REVOKED, event("use", 12, token="a1"))

    def test_a_token_delegated_from_it(self):
        self.guilty("I5", "delegate of ssi", LOGIN, self.REVOKED, issued("delegate", 12, 2, family="f2", token="a1"))

    def test_another_family_lives_on(self):
        self.innocent(LOGIN, self.REVOKED, issued("login", 12, 2, family="f2"))


class FamilyKill(Judged):
    def test_a_family_that_stays_dead_is_innocent(self):
        self.innocent(LOGIN, ROTATED, REUSED, event("use", 1900, "revoked", token="a2", ended=True))

    def test_within_the_second_it_may_still_be_accepted(self):
        self.innocent(LOGIN, ROTATED, REUSED, event("use", 1800.9, token="a2"))

    def test_a_member_that_outlives_it(self):
        self.guilty("I6", "died of a reuse", LOGIN, ROTATED, REUSED, event("use", 1801.2, token="a2"))

    def test_a_code_used_twice_ends_what_came_of_it(self):
        self.guilty("I6", "died of a reuse", issued("exchange", 0, 1, token="code"),
                    event("exchange", 5, "replayed", token="code", family="", replayed=True),
                    event("use", 8, token="a1"))

    def test_where_the_policy_only_refuses_the_family_lives(self):
        self.innocent(LOGIN, ROTATED, dict(REUSED, ended=False), event("use", 1900, token="a2"), on_replay="refuse")


class NoStorm(Judged):
    def test_an_interval_that_is_kept_is_innocent(self):
        self.innocent(LOGIN, issued("login", 1.0, 2, family="f2"), interval=1)

    def test_an_interval_that_is_broken(self):
        self.guilty("I12", "the interval is 1 s", LOGIN, issued("login", 0.9, 2, family="f2"), interval=1)

    def test_refused_requests_count_too(self):
        self.guilty("I12", "the interval", LOGIN, event("login", 0.5, "too_many", family=""), interval=1)

    def test_other_accounts_have_their_own_interval(self):
        self.innocent(LOGIN, issued("login", 0.1, 2, family="f2", client="other"), interval=1)

    def test_uses_are_no_logins(self):
        self.innocent(LOGIN, event("use", 0.1, token="a1"), event("use", 0.2, token="a1"), interval=1)

    def test_where_the_clock_was_moved_its_time_counts(self):
        self.innocent(LOGIN, issued("login", 0.5, 2, family="f2", moved=3600), interval=1)

    def test_before_retry_after_is_over(self):
        told = event("refresh", 10, "prevented", token="r1", fault="fail", retry_after=5)
        self.innocent(LOGIN, told, issued("refresh", 15, 2, token="r1"))
        self.guilty("I12", "told to wait 5 s", LOGIN, told, issued("refresh", 14, 2, token="r1"))

    def test_who_had_asked_already_could_not_know(self):
        self.innocent(LOGIN, event("refresh", 10, "prevented", token="r1", retry_after=5),
                      issued("refresh", 10.005, 2, token="r1"))

    def test_nobody_waits_a_day(self):
        self.innocent(LOGIN, event("refresh", 10, "prevented", token="r1", retry_after=86400),
                      issued("refresh", 14, 2, token="r1"))


class NoWrongSuccess(Judged):
    def test_what_was_issued_may_be_printed(self):
        self.innocent(LOGIN, ROTATED, clients=[FIRST, SECOND])

    def test_a_token_that_nobody_issued(self):
        self.guilty("I11", "nobody issued", LOGIN, clients=[run(5, "zz", profile="other"), FIRST])

    def test_a_token_before_it_was_issued(self):
        self.guilty("I11", "before it was issued", LOGIN, ROTATED,
                    clients=[FIRST, run(100, "a2", profile="other"), SECOND])

    def test_an_issue_that_was_refused_is_none(self):
        self.guilty("I11", "nobody issued", dict(LOGIN, result="unavailable"), clients=[FIRST])


class ExactlyOnce(Judged):
    def test_a_second_refresh_in_one_window(self):
        self.guilty("I3", "to live", LOGIN, ROTATED, issued("refresh", 1790.2, 3, token="r2"),
                    clients=[FIRST, SECOND, run(1790.1, "a3", took=0.3)])

    def test_a_refresh_that_nobody_asked_for(self):
        self.guilty("I3", "by nobody", LOGIN, ROTATED, clients=[FIRST, run(1795, "a2")])

    def test_a_refresh_by_the_agent_was_asked_for(self):
        self.innocent(LOGIN, ROTATED, clients=[run(-1, command="agent run", took=9000), FIRST, run(1795, "a2")])

    def test_a_refresh_that_a_person_forced(self):
        self.innocent(LOGIN, issued("refresh", 60, 2, token="r1"),
                      clients=[FIRST, run(59.9, command="refresh desk", took=0.2), run(70, "a2")])

    def test_a_refresh_for_one_who_needed_a_longer_life_than_was_left(self):
        self.innocent(LOGIN, issued("refresh", 60, 2, token="r1"), clients=[FIRST, run(59.9, "a2", need=2400)])

    def test_a_refresh_for_one_who_needed_less_than_was_left(self):
        self.guilty("I3", "to live", LOGIN, issued("refresh", 60, 2, token="r1"),
                    clients=[FIRST, run(59.9, "a2", need=1200)])

    def test_after_a_lost_answer_another_may_come(self):
        again = issued("refresh", 1791, 3, token="r1")
        self.innocent(LOGIN, dict(ROTATED, fault="drop"), again, rotation="reissue",
                      clients=[FIRST, run(1789.9, "a3", took=2)])

    def test_after_a_death_another_may_come(self):
        again = issued("refresh", 1791, 3, token="r1")
        self.innocent(LOGIN, ROTATED, again, rotation="reissue",
                      clients=[FIRST, run(1789.9, exit=-9), run(1790.9, "a3")])


class NoOrphan(Judged):
    REVOKED = event("revoke", 1795, ended=True)

    def test_who_holds_the_head_is_innocent(self):
        self.innocent(LOGIN, ROTATED, clients=[FIRST, SECOND])

    def test_who_holds_what_was_before_the_head(self):
        self.guilty("I2", "the head of its family", LOGIN, ROTATED,
                    clients=[FIRST, run(1789.9, exit=6, took=0.3), run(1795, "a1")])

    def test_of_runs_at_one_time_the_newest_token_counts(self):
        self.innocent(LOGIN, ROTATED, clients=[FIRST, SECOND, run(1789.5, "a1", took=1)])

    def test_a_head_that_arrived_and_was_given_up(self):
        self.guilty("I2", "gave up", LOGIN, ROTATED, clients=[FIRST, SECOND, run(1800, exit=9)])

    def test_a_head_whose_answer_was_lost_may_be_given_up(self):
        self.innocent(LOGIN, dict(ROTATED, fault="cut"), clients=[FIRST, run(1789.9, exit=9, took=0.3)])

    def test_a_head_whose_holder_died_may_be_given_up(self):
        self.innocent(LOGIN, ROTATED, clients=[FIRST, run(1789.9, exit=-9, took=0.3), run(1800, exit=9)])

    def test_a_family_that_was_revoked_may_be_given_up(self):
        for code in (3, 5, 9):
            self.innocent(LOGIN, ROTATED, self.REVOKED, clients=[FIRST, SECOND, run(1800, exit=code)])

    def test_the_end_of_a_delegated_token_is_not_the_end_of_its_parent(self):
        delegated = issued("delegate", 1792, 3, family="f2", token="a2", ended=True)
        self.guilty("I2", "gave up", LOGIN, ROTATED, delegated, clients=[FIRST, SECOND, run(1800, exit=9)])

    def test_a_refresh_token_that_came_to_its_end(self):
        late = event("refresh", 1800, "expired", token="r2", moved=90000)
        self.innocent(LOGIN, ROTATED, late, clients=[FIRST, SECOND, run(1799.9, exit=3, took=0.3)])

    def test_the_last_word_is_a_decision(self):
        runs = [FIRST, SECOND, run(1800, exit=6)]
        self.guilty("I2", "not at rest", LOGIN, ROTATED, clients=runs)
        self.innocent(LOGIN, ROTATED, clients=runs, at_rest=False)

    def test_profiles_are_judged_apart(self):
        self.innocent(LOGIN, ROTATED, issued("login", 5, 9, family="f2", client="other"),
                      clients=[FIRST, SECOND, run(5, "a9", profile="till", took=0.2)])


class Files(unittest.TestCase):
    def test_a_clients_ledger_is_written_and_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "clients"
            book = ledger.ClientLedger(path)
            book.record("token desk", 0, START, pid=3, profile="desk", token="abc\n", generation=4)
            book.record("token desk", 6, START)
            with open(path, "a", encoding="utf-8") as file:
                file.write('{"torn')
            first, second = ledger.read(path)
            self.assertEqual((first["token_hash"], first["generation"]), ("ba7816bf8f01cfea", 4))
            self.assertNotIn("token_hash", second)
            self.assertGreater(second["time"], START)

    def test_refreshes_can_be_counted(self):
        lines = [opened(), LOGIN, ROTATED, REUSED]
        self.assertEqual(len(ledger.effective_refreshes(lines, "ssi", "key")), 1)
        self.assertEqual(len(ledger.effective_refreshes(lines, "ssi", "other")), 0)


if __name__ == "__main__":
    unittest.main()
