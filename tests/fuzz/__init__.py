"""A coverage-guided fuzzer of the readers: `python -m tests.fuzz TARGET`; `tests/test_fuzz.py` replays its corpus."""
