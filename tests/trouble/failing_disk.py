"""The disk below an authority's database fails on command (failing_disk.c)."""
import contextlib
import pathlib
import tempfile


class FailingDisk:
    """Whoever is started with `environment` has it."""

    def __init__(self, binaries):
        self.orders = pathlib.Path(tempfile.mkstemp(prefix="latchkey-disk-")[1])
        library = pathlib.Path(binaries).resolve() / "libfailing_disk.so"
        self.environment = {"LD_PRELOAD": str(library), "FAILING_DISK": str(self.orders),
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}

    @contextlib.contextmanager
    def fails(self, order):
        self.orders.write_text(order)
        try:
            yield
        finally:
            self.orders.write_text("")

    def close(self):
        self.orders.unlink()
