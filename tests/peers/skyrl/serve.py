"""SkyRL's own Tinker API, without its training engine and without its `uv run` wrapper; none of its routes is changed.

PEER_CORS=1 adds headers that let pages of other origins read the answers, which SkyRL does not send itself.
"""

import argparse
import os
import sys
import types
import typing

import typing_extensions

# SkyRL 0.3.0 declares Python 3.11 and does not import on it without this; torch is for images only.
typing.TypedDict = typing_extensions.TypedDict
sys.modules["torch"] = types.ModuleType("torch")

import skyrl.tinker.api as api
import uvicorn
from skyrl.tinker.config import EngineConfig, add_model


IDLE = """
import os, time
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(1)
"""


def idle_engine(_parent, _config):
    return [sys.executable, "-c", IDLE]


api._build_uv_run_cmd_engine = idle_engine
if os.environ.get("PEER_CORS") == "1":
    from starlette.middleware.cors import CORSMiddleware

    everyone = {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["*"]}
    api.app.add_middleware(CORSMiddleware, **everyone)

parser = argparse.ArgumentParser()
add_model(parser, EngineConfig)
parser.add_argument("--port", type=int)
arguments = parser.parse_args()
known = {name: value for name, value in vars(arguments).items() if name in EngineConfig.model_fields}
api.app.state.engine_config = EngineConfig.model_validate(known)
uvicorn.run(api.app, host="127.0.0.1", port=arguments.port, log_level="warning")
