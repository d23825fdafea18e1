"""Runs a server for as long as its starter lives: until standard input ends, which it does even if that one is killed."""

import os
import signal
import subprocess
import sys
import threading

server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)


def end():
    try:
        # With whatever it has started itself.
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def watch():
    sys.stdin.buffer.read()
    end()


threading.Thread(target=watch, daemon=True).start()
try:
    code = server.wait()
finally:
    end()
sys.exit(code)
