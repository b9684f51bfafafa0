"""Predictions: answers that are made while their asker fetches the state of them (Replicate)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Prediction"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """
    What one body told of a prediction.

    Attributes:
        status: ``starting``, ``processing``, ``succeeded``, ``failed`` or ``canceled``.
        goes_on_at: Addresses at which its state and its stream are to be had; empty once it ended.
        stream_url: The one of its stream; None without one.
        output_items: Number of pieces of its output; None while there is none.
        metrics: Numbers that the server measured, ``predict_time`` in seconds for example.
        created_at: When it was asked for, in the server's words; likewise the next two.
        end_data: What came with the end of its stream, as sent.
    """

    status: str | None = None
    goes_on_at: tuple[str, ...] = ()
    stream_url: str | None = None
    output_items: int | None = None
    metrics: Mapping[str, float] | None = field(default=None)
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    end_data: str | None = None
