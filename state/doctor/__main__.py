"""The process that examines for a console: see `apart`."""

import sys

from state.doctor.apart import answer

if __name__ == "__main__":
    answer(sys.stdin, sys.stdout)
