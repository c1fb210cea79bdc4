#!/usr/bin/python3
"""The wiki's session typed into tio, on the published link: with_tio.py BUILD SOURCE. The terminal that tio
sees is a pty of this script; a file is "dropped" onto it by writing the file's bytes."""
import os
import pty
import select
import sys
import time
import tty

import session


class Terminal:
    def __init__(self, device):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execvp("tio", ["tio", "--color", "none", device])
        tty.setraw(self.fd)

    def read_until(self, wanted):
        """Everything up to and including 'wanted'."""
        end = time.monotonic() + session.DEADLINE
        while wanted not in self.seen:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit(f"wanted {wanted!r}\ngot    {self.seen!r}")
            self.seen += os.read(self.fd, 4096)
        head, self.seen = self.seen.split(wanted, 1)
        return head + wanted

    def write(self, text):
        while text:
            text = text[os.write(self.fd, text):]

    def ask(self, what, wanted):
        self.write(what)
        got = self.read_until(wanted)
        if got != wanted:
            raise SystemExit(f"typed  {what[:80]!r}\nwanted {wanted!r}\ngot    {got!r}")

    def quit(self):
        self.write(b"\x14q")  # ctrl-t q
        self.read_until(b"Disconnected")
        return os.waitpid(self.pid, 0)[1]


def main():
    with session.Bench(sys.argv[1], sys.argv[2]) as bench:
        terminal = Terminal(bench.port)
        terminal.read_until(b"Connected")
        terminal.write(b"ATE0\r")
        terminal.read_until(b"\r\nOK\r\n")
        session.wiki(bench, terminal.ask, b"\r")
        if terminal.quit() != 0:
            raise SystemExit("tio did not end well")
    print("1 passed, 0 failed")


main()
