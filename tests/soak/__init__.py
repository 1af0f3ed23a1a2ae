"""Each fault that a sink may meet, under load: `nox -s soak`, or `python -m tests.soak`."""
