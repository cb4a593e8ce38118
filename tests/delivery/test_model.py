"""The model of delivery, 2,000 steps; `benchmarks/delivery/model.py --full` runs 100,000."""

from __future__ import annotations

import pytest

from tests.delivery.fake_disk import FakeDisk
from tests.delivery.model import run_model
from tests.unit.harness import FakeClock, SpoolMaker, error


@pytest.mark.large
def test_what_is_acknowledged_is_delivered_or_counted():
    run_model(examples=40, steps=50)


@pytest.mark.parametrize("step", ["fold", "close"])
def test_a_fate_that_could_not_be_written_is_written_when_the_disk_works_again(tmp_path, step):
    """Else the next process would send again what the server has."""
    maker = SpoolMaker("disk", tmp_path / "app" / "0123456789abcdef", FakeClock())
    disk = FakeDisk(str(tmp_path))
    with disk.mounted():
        spool = maker.disk()
        assert spool.append("errors", [error()]) is None
        assert spool.lock()
        batch = spool.take("errors", 1)
        disk.fault = "forbidden"
        spool.settle(batch, [["delivered"]])
        spool.unlock()
        disk.fault = None
        getattr(spool, step)()
        other = maker.disk(run=False)
        assert other.lock()
        assert other.take("errors", 1) is None
        other.unlock()
    assert other.counts()["delivered"] == {"errors": 1}
