"""Ends by an error that nobody catches."""

import telemetry_sdk

from . import tools

with telemetry_sdk.start(app="acme-agent", version="1.4.2", app_modules=["acme_agent"]) as client:
    try:
        tools.bash("rm -r /home/planted")
    except tools.ToolError as error:
        client.capture_exception(error, level="fatal", handled=False)
        client.flush_sync(20)
        raise
