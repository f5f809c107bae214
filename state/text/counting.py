"""Counts with their noun: one run, two runs."""


def counted(count: int, noun: str) -> str:
    """`1 run`, `3 runs`, `0 runs`; `noun` is the singular of one that takes an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
