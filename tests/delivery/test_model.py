"""The model of delivery, 2,000 steps; `benchmarks/delivery/model.py --full` runs 100,000."""

from __future__ import annotations

from tests.delivery.model import run_model


def test_what_is_acknowledged_is_delivered_or_counted():
    run_model(examples=40, steps=50)
