"""Sends one request after another and judges every answer."""
import collections

import shapes
from wire import Broken, Line

SLOWEST = 5.0  # seconds that an answer may take, on a busy machine under sanitizers
SHOWN = 40     # complaints that are printed


class Judge:
    def __init__(self, base, alive):
        self.line, self.alive = Line(base), alive
        self.secrets = set()  # never in a refusal
        self.complaints, self.dropped = [], 0
        self.seen = collections.Counter()  # by shape and status
        self.took = []
        self.throttled = False

    def keep_secret(self, *texts):
        self.secrets.update(text.encode() for text in texts if len(text) >= 8)

    def complain(self, label, what, raw=b"", answer=None):
        if len(self.complaints) >= SHOWN:
            self.dropped += 1
            return
        lines = [f"{label}: {what}"]
        if raw:
            lines.append(f"    sent  {raw[:400]!r}{' …' if len(raw) > 400 else ''}")
        if answer is not None:
            lines.append(f"    came  {answer.status} {answer.headers} {answer.body[:300]!r}")
        self.complaints.append("\n".join(lines))

    def ask(self, label, raw, shape, refused=False, early=False, never=()):
        """Judges the answer to `raw`.

        shape    of a refusal (shapes.py); None: it may be anybody's
        refused  whether it must be one
        early    whether it may be refused before a dialect is asked: as plain text
        never    texts that no refusal may repeat, besides the secrets
        """
        try:
            answer = self.line.ask(raw)
        except (Broken, OSError) as what:
            self.complain(label, f"no answer: {what}", raw)
            if not self.alive():
                raise SystemExit("the server has ended; its last request is above") from what
            return None
        self.seen[shape or "any", answer.status] += 1
        self.took.append((answer.took, label))

        def wrong(what):
            self.complain(label, what, raw, answer)

        self.judge(answer, shape, refused, early, wrong, raw.startswith(b"HEAD "))
        self.search(answer, never, wrong)
        if answer.status == 429:
            self.throttled = True
            if not answer.header("Retry-After"):
                wrong("429 without Retry-After")
        return answer

    def count(self, shape, answers):
        """Answers that were asked for elsewhere: refusals by the reader of requests, mostly."""
        for answer in answers:
            self.seen[shape, answer.status] += 1
            self.took.append((answer.took, shape))
            self.judge(answer, shape, True, shape == "plain", lambda what, a=answer: self.complain(shape, what, b"", a), False)

    @staticmethod
    def judge(answer, shape, refused, early, wrong, head_only):
        if answer.status >= 500 or answer.status < 200:
            wrong(f"HTTP {answer.status}")
        if answer.took > SLOWEST:
            wrong(f"took {answer.took:.1f} s")
        if answer.header("X-Content-Type-Options") != "nosniff" or not answer.header("X-Request-Id"):
            wrong("no X-Content-Type-Options or no X-Request-Id")
        if refused and answer.status < 300:
            wrong("taken, though it is wrong")
        if shape is None or head_only or (answer.status < 300 and shape != "page"):
            return
        if early and shapes.is_before_any_dialect(answer, shape):
            shape = "plain"
        shapes.SHAPES[shape](answer, wrong)

    def search(self, answer, never, wrong):
        raw = answer.raw()
        if any(name.lower() == "x-injected" for name, _ in answer.headers):
            wrong("a header field that the peer chose")
        if answer.status < 300:
            return
        for secret in self.secrets:
            if secret in raw:
                wrong(f"repeats a secret: {secret[:24]!r}")
        for text in never:
            if text in raw:
                wrong(f"repeats what it should not: {text[:60]!r}")

    def summary(self):
        statuses = collections.Counter()
        for (shape, status), count in self.seen.items():
            statuses[shape, status // 100] += count
        by_shape = collections.defaultdict(list)
        for (shape, hundred), count in sorted(statuses.items()):
            by_shape[shape].append(f"{hundred}xx {count}")
        took = sorted(self.took)
        lines = [f"  {shape:12} {', '.join(counts)}" for shape, counts in by_shape.items()]
        if took:
            slow, label = took[-1]
            lines.append(f"  {len(took)} answers: median {took[len(took) // 2][0] * 1000:.1f} ms, "
                         f"99 % {took[len(took) * 99 // 100][0] * 1000:.1f} ms, slowest {slow * 1000:.0f} ms ({label})")
        return "\n".join(lines)
