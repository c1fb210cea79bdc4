#!/usr/bin/python3
"""The wiki's session through Debian's python3-serial on the published link: with_pyserial.py BUILD SOURCE."""
import sys

import serial

import session


def main():
    with session.Bench(sys.argv[1], sys.argv[2]) as bench:
        port = serial.Serial(bench.port, 115200, timeout=session.DEADLINE)

        def ask(what, wanted):
            port.write(what)
            got = port.read(len(wanted))
            if got != wanted:
                raise SystemExit(f"typed  {what[:80]!r}\nwanted {wanted!r}\ngot    {got!r}")

        ask(b"ATE0\r\n", b"ATE0\r\r\nOK\r\n")
        session.wiki(bench, ask, b"\r\n")
        port.close()
    print("1 passed, 0 failed")


main()
