"""What the tests of the agent begin with."""
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from agent import Agent  # noqa: E402
from five import Five  # noqa: E402


class Case(unittest.TestCase):
    """A sandbox and a broker with five profiles; an agent when a test starts one."""
    binaries = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.addCleanup(directory.cleanup)
        self.five = Five(self.binaries, directory.name, timeout="5s")
        self.addCleanup(self.five.sandbox.close)
        self.broker = self.five.broker

    def agent(self, **options):
        agent = Agent(self.broker, offset=self.five.sandbox.offset, **options)
        self.addCleanup(agent.close)
        return agent


def take_binaries():
    """Where our programs are: the first word of the command line, which unittest must not see."""
    Case.binaries = pathlib.Path(sys.argv.pop(1)).resolve()
