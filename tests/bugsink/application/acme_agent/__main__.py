"""Ends by an error that nobody catches."""

import telemetry_sdk

from . import tools

client = telemetry_sdk.start(app="acme-agent", version="1.4.2", app_modules=["acme_agent"])
tools.bash("rm -r /home/planted")
