"""Entry point of the phone app: `flet build` looks for it in the repository root."""

from mobile.app import start

start()
