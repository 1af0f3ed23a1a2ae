"""Adapters through which the black-box fault scripts drive asynclog.

Each has the five methods that those scripts call, and no logic of its own:
`python file_faults.py --adapter tests.faults.file:FileAdapter` with this checkout in PYTHONPATH.
"""
