"""What the program costs and bears, each figure beside its floor measured in the same run.

Run by hand, on Linux: `python -m tests.benchmarks [startup] [idle] [throughput] [--json]`. Everything is a
process of its own on a private desktop (Xvfb and a session bus); `programs` holds those that are measured.
Figures of different runs or machines compare only by their ratio to the floor.
"""
