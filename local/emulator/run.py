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
from ministack.services import apigateway_v1, stepfunctions  # noqa: E402


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


def with_decoded_paths(method_throttle_settings):
    """CloudFormation writes the paths of MethodSettings with `~1` for a slash; MiniStack 1.5.33 looks them up with slashes
    and so gives every method the limits of the stage."""

    def find(stage, resource_path, http_method):
        settings = stage.get("methodSettings") or {}
        decoded = {name.replace("~1", "/").replace("//", "/"): value for name, value in settings.items()}
        return method_throttle_settings({**stage, "methodSettings": decoded}, resource_path, http_method)

    return find


stepfunctions._execute_task = with_evaluated_limits(stepfunctions._execute_task)
apigateway_v1._method_throttle_settings = with_decoded_paths(apigateway_v1._method_throttle_settings)

sys.argv = sys.argv[:1]
main()
