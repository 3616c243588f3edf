"""`python -m pipeline` is `gremium`."""

from pipeline.cli.main import run

run()
