"""Benchmarks: what the service costs beside a reference endpoint, in one run (`python -m bench`)."""
