"""Rows and archives for the peer, through SkyRL's own tables and archive writer. The weights are made up.

Run `model_aaaa0001`: final (in both kinds), step-0001, step-0002, cut (half of its archive), pending, failed, ghost (no
file); `model_bbbb0002`: final; `model_cccc0003`: nothing.
"""

import sys
import types
import typing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import typing_extensions

typing.TypedDict = typing_extensions.TypedDict
sys.modules["torch"] = types.ModuleType("torch")

from adapters import BASE, adapter
from cloudpathlib import AnyPath
from skyrl.tinker.db_models import CheckpointDB, CheckpointStatus, ModelDB, SamplingSessionDB, SessionDB
from skyrl.tinker.types import CheckpointType
from skyrl.utils.storage import pack_and_upload
from sqlmodel import Session, SQLModel, create_engine

BEGIN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)


def archive(path, rank, fill):
    with pack_and_upload(AnyPath(str(path))) as folder:
        for name, content in adapter(rank, fill).items():
            (folder / name).write_bytes(content)


def checkpoint(session, run, name, kind, minutes, status=CheckpointStatus.COMPLETED, error=None):
    done = BEGIN + timedelta(minutes=minutes + 1) if status == CheckpointStatus.COMPLETED else None
    row = {"model_id": run, "checkpoint_id": name, "checkpoint_type": kind, "status": status, "error_message": error}
    session.add(CheckpointDB(**row, created_at=BEGIN + timedelta(minutes=minutes), completed_at=done))


def main():
    database = Path("peer.db")
    database.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{database}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(SessionDB(session_id="session_seed", sdk_version="0.24.1", created_at=BEGIN))
        session.commit()
        runs = (("model_aaaa0001", 8), ("model_bbbb0002", 4), ("model_cccc0003", 16))
        for number, (run, rank) in enumerate(runs):
            lora = {"rank": rank, "alpha": 32.0, "seed": 7}
            row = {"model_id": run, "base_model": BASE, "lora_config": lora, "status": "created", "request_id": number + 1}
            session.add(ModelDB(**row, session_id="session_seed", created_at=BEGIN + timedelta(hours=number)))
        session.commit()
        sampled = "tinker://model_aaaa0001/sampler_weights/final"
        row = {"sampling_session_id": "sampling_seed", "session_id": "session_seed", "sampling_session_seq_id": 0}
        session.add(SamplingSessionDB(**row, model_path=sampled))

        first, second = "model_aaaa0001", "model_bbbb0002"
        sampler, training = CheckpointType.SAMPLER, CheckpointType.TRAINING
        archives = Path("ckpts") / first / "sampler_weights"
        checkpoint(session, first, "step-0001", training, 1)
        checkpoint(session, first, "final", sampler, 2)
        checkpoint(session, first, "final", training, 2)
        checkpoint(session, first, "step-0002", sampler, 3)
        checkpoint(session, first, "cut", sampler, 4)
        checkpoint(session, first, "pending", sampler, 5, CheckpointStatus.PENDING)
        checkpoint(session, first, "failed", sampler, 6, CheckpointStatus.FAILED, "disk full")
        checkpoint(session, first, "ghost", sampler, 7)
        checkpoint(session, second, "final", sampler, 8)
        for name, fill in (("final", 0x10), ("step-0002", 0x20), ("cut", 0x30)):
            archive(archives / f"{name}.tar.gz", 8, fill)
        cut = archives / "cut.tar.gz"
        cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
        archive(Path("ckpts") / second / "sampler_weights" / "final.tar.gz", 4, 0x40)
        session.commit()


main()
