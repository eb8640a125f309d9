"""What tries to break the project: short versions run in ``tests/test_hardness.py``, long ones as scripts."""
