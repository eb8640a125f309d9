"""The contract, as it is served: openapi.json, written by ``python -m api.contract``."""
