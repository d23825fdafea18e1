"""MLflow's own server application, as `mlflow server --artifacts-destination` runs it, but in one process.

PEER_CORS=1 leaves MLflow's own rules: pages of this machine may read it. PEER_CORS=0 has no such headers at all.
"""

import argparse
import os
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
port = parser.parse_args().port

# What `mlflow server` hands to its workers, which read it when they are imported.
os.environ |= {
    "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{Path('peer.db').absolute()}",
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(Path("artifacts").absolute()),
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "false" if os.environ.get("PEER_CORS") == "1" else "true",
}

import uvicorn

uvicorn.run("mlflow.server.fastapi_app:app", host="127.0.0.1", port=port, log_level="warning")
