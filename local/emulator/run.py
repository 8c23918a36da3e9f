"""Runs the emulator for as long as somebody holds our standard input open.

The process that starts the emulator keeps the other end of that pipe. When it ends, in whatever way, the pipe closes and
the whole process group (the emulator and the Lambda workers it started) goes with it: nothing stays behind on a port.
"""
import os
import signal
import sys
import threading
import time


def follow_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGTERM)
    time.sleep(3)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if os.getpgid(0) != os.getpid():
    sys.exit("run.py must be started as the leader of its own process group")
threading.Thread(target=follow_parent, daemon=True).start()

from ministack.app import main  # noqa: E402  (only after the watch is on)
from ministack.services import stepfunctions  # noqa: E402


def with_evaluated_limits(execute_task):
    """AWS lets a task's time limits be JSONata expressions; MiniStack 1.5.33 compares the text of one with a number."""

    def execute(state, state_input, execution, context):
        limits = {
            name: stepfunctions._apply_jsonata_template(state[name], state_input, context)
            for name in ("TimeoutSeconds", "HeartbeatSeconds")
            if isinstance(state.get(name), str)
        }
        return execute_task({**state, **limits}, state_input, execution, context)

    return execute


stepfunctions._execute_task = with_evaluated_limits(stepfunctions._execute_task)

sys.argv = sys.argv[:1]
main()
