"""The local journal: what was accepted while the database could not be written (S3).

An append-only file of JSON lines, flushed to the disk before the visitor gets the reply. Each
record is applied again and again until the database has it; applying one twice changes nothing.
Several processes may share the files: locks beside them let one at a time in.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from frontdesk import metrics
from frontdesk.storage.database import StorageFailure

log = structlog.get_logger(__name__)

Record = dict[str, Any]
Apply = Callable[[Record], Awaitable[None]]


class RejectedRecordError(Exception):
    """A record cannot be applied, now or later: its conversation is unknown, for example."""


class Journal:
    """Files in ``folder``: ``journal.jsonl`` takes records, ``replaying.jsonl`` is being applied,
    ``rejected.jsonl`` keeps what cannot be applied, for a person to look at.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "journal.jsonl"
        self.replaying = folder / "replaying.jsonl"
        self.rejected = folder / "rejected.jsonl"

    async def append(self, record: Record) -> None:
        """Write ``record`` and wait until it is on the disk. Raises OSError."""
        await asyncio.to_thread(self._append, record)
        metrics.journal_records.inc()  # the next replay counts anew

    async def replay(self, apply: Apply) -> int:
        """Apply all records in order, and return how many the database took.

        Stops at the first storage failure and keeps the rest. New records go to a file of their
        own meanwhile, so that nobody in danger waits for a replay.
        """
        with _locked(self.replaying, wait=False) as free:
            if not free:
                return 0
            if not self.replaying.exists():
                with _locked(self.path):
                    if not self.path.exists():
                        return 0
                    self.path.rename(self.replaying)
            records = list(_read(self.replaying))
            done = 0
            rejected: list[Record] = []
            for record in records:
                try:
                    await apply(record)
                except (RejectedRecordError, IntegrityError, DataError):
                    log.exception("journal_record_rejected", kind=record.get("kind"))
                    rejected.append(record)
                except StorageFailure:
                    log.exception("journal_replay_stopped", waiting=len(records) - done)
                    break
                except Exception:
                    log.exception("journal_record_rejected", kind=record.get("kind"))
                    rejected.append(record)
                done += 1
            # Rejected first: a crash in between leaves a record twice rather than nowhere.
            if rejected:
                _write(self.rejected, rejected)
            self._keep(records[done:])
        metrics.journal_records.set(self.waiting())
        return done - len(rejected)

    def waiting(self) -> int:
        """How many records wait for the database."""
        return sum(len(list(_read(path))) for path in (self.replaying, self.path) if path.exists())

    def _append(self, record: Record) -> None:
        with _locked(self.path):
            _write(self.path, [record])

    def _keep(self, records: list[Record]) -> None:
        if not records:
            self.replaying.unlink()
            return
        fresh = self.replaying.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        _write(fresh, records)
        fresh.replace(self.replaying)


def _write(path: Path, records: list[Record]) -> None:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
    try:
        # A crash may have left half a line behind: the new record starts on its own.
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            lines = "\n" + lines
        data = lines.encode()
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Iterator[Record]:
    for line in path.read_bytes().split(b"\n"):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError:
            # Half a line: the process died while writing it, before anybody got a reply.
            log.warning("journal_line_incomplete", length=len(line))


@contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of ``path``; yields False where it is taken and we do not want to wait."""
    handle = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
