"""The emulator as a program, seen from outside: starting and ending it, and talking to its ports. Every wait has a
deadline and waits for an event. Standard library only.

run.py sets BUILD and SOURCE; a test takes what it needs from here and leaves nothing behind.
"""
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import tty
import unittest

DEADLINE = 30  # seconds for any one event, on a loaded machine
BUILD = SOURCE = None


def wait_for(fds, what):
    """Until one of the descriptors is readable."""
    with selectors.DefaultSelector() as s:
        for fd in fds:
            s.register(fd, selectors.EVENT_READ)
        if not s.select(DEADLINE):
            raise AssertionError(f"{what} did not come within {DEADLINE} s")


def wait_until(condition, what):
    """Until the condition, which no descriptor tells of, holds; its value."""
    end = time.monotonic() + DEADLINE
    with selectors.DefaultSelector() as s:
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            s.select(0.005)
    raise AssertionError(f"{what} did not come within {DEADLINE} s")


class Sim:
    """A running emulator. 'dir' is its temporary folder and holds its default link, its log and its state."""

    def __init__(self, case, *args, ready=1, env=None, wrap=(), **more):
        self.case, self.log = case, open(case.dir + "/log", "a+", encoding="utf-8")
        self.log.seek(0, os.SEEK_END)
        self.log_start = self.log.tell()
        self.process = subprocess.Popen([*wrap, BUILD + "/sim7600", *args], stdout=subprocess.PIPE, stderr=self.log,
                                        stdin=subprocess.DEVNULL, env=env or case.env, **more)
        case.addCleanup(self.kill)
        self.lines = [self.line() for _ in range(ready)]
        for i, line in enumerate(self.lines):
            case.assertRegex(line, rf"^modem{i} ready at .+\n$", self.words())
        self.paths = [line.split(" ", 3)[3][:-1] for line in self.lines]
        self.path = self.paths[0] if ready else None

    def line(self):
        line = b""
        while not line.endswith(b"\n"):
            wait_for([self.process.stdout], f"the ready line after {line!r}")
            more = os.read(self.process.stdout.fileno(), 1)
            if not more:
                raise AssertionError(f"the emulator ended with {self.process.wait(DEADLINE)}: {self.words()}")
            line += more
        return line.decode()

    def words(self):
        """What it said on stderr."""
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as f:
            f.seek(self.log_start)
            return f.read()

    def wait(self):
        """Its exit status; then stdout must have held nothing but the ready lines."""
        status = self.process.wait(DEADLINE)
        self.case.assertEqual(self.process.stdout.read(), b"")
        return status

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.case.assertEqual(self.wait(), 0, self.words())
        self.case.assertNotRegex(self.words(), "Sanitizer|runtime error")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()

    def rss(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Port:
    """A client's end of a modem: a pty by its path, or any descriptor."""

    def __init__(self, case, where):
        self.case, self.seen = case, b""
        if isinstance(where, socket.socket):
            where.setblocking(False)
            self.fd = where.detach()
        elif isinstance(where, int):
            self.fd = where
        else:
            self.fd = os.open(where, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        case.addCleanup(self.close)

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None

    def send(self, data):
        end = time.monotonic() + DEADLINE
        with selectors.DefaultSelector() as s:
            s.register(self.fd, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while data:
                events = s.select(max(0, end - time.monotonic()))
                if not events:
                    raise AssertionError("the modem does not read")
                if events[0][1] & selectors.EVENT_READ:
                    self.read()
                if events[0][1] & selectors.EVENT_WRITE:
                    data = data[os.write(self.fd, data[:2048]):]

    def read(self):
        more = os.read(self.fd, 65536)
        if not more:
            raise AssertionError(f"the port was closed after {self.seen[-200:]!r}")
        self.seen += more

    def until(self, pattern):
        """Takes everything up to the end of the first match of the pattern (bytes, a regular expression)."""
        end = time.monotonic() + DEADLINE
        while True:
            found = re.search(pattern, self.seen)
            if found:
                taken, self.seen = self.seen[:found.end()], self.seen[found.end():]
                return taken
            if time.monotonic() > end:
                raise AssertionError(f"wanted {pattern!r}\ngot    {self.seen[-500:]!r}")
            wait_for([self.fd], f"{pattern!r} after {self.seen[-500:]!r}")
            self.read()

    def ask(self, command, answer):
        """Types a command line and demands exactly this answer (bytes)."""
        self.send(command.encode() + b"\r")
        got = self.until(re.escape(answer))
        self.case.assertEqual(got, answer, command)

    def ok(self, command):
        self.ask(command, b"\r\nOK\r\n")

    def final(self, command):
        """Types a command line; everything up to its final result."""
        self.send(command.encode() + b"\r")
        return self.until(rb"\r\n(OK|ERROR|\+CME ERROR: [^\r]*)\r\n")

    def alive(self):
        self.ok("AT")
        return self

    def upload(self, name, content):
        self.ask(f'AT+CCERTDOWN="{name}",{len(content)}', b"\r\n>")
        self.send(content)
        self.until(rb"^\r\nOK\r\n")

    def start_mqtt(self, tls, settings=()):
        for setting in settings:
            self.ok("AT+CSSLCFG=" + setting)
        self.ask("AT+CMQTTSTART", b"\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n")
        self.ok(f'AT+CMQTTACCQ=0,"me",{int(tls)}')

    def connect(self, address, more=""):
        """The code of +CMQTTCONNECT, which is the only line beside the final result."""
        self.send(f'AT+CMQTTCONNECT=0,"tcp://{address}",60,1{more}\r'.encode())
        got = self.until(rb"\+CMQTTCONNECT: 0,0\r\n|\+CMQTTCONNECT: 0,\d+\r\n\r\nERROR\r\n")
        found = re.fullmatch(rb"(?:\r\nOK\r\n)?\r\n\+CMQTTCONNECT: 0,(\d+)\r\n(?:\r\nERROR\r\n)?", got)
        self.case.assertTrue(found, got)
        return int(found[1])


class Case(unittest.TestCase):
    """A test with a folder of its own, in which nothing but what it made itself may be left."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="program-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        os.mkdir(self.dir + "/tmp")
        os.mkdir(self.dir + "/run", 0o700)
        # Freed memory that the sanitizer keeps back would look like a leak.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        self.env = dict(os.environ, TMPDIR=self.dir + "/tmp", XDG_RUNTIME_DIR=self.dir + "/run",
                        ASAN_OPTIONS=sanitizer)

    def sim(self, *args, **more):
        return Sim(self, *args, **more)

    def modem(self, sim, number=0):
        """Modem 'number' of an emulator on ptys, with the echo off."""
        port = Port(self, sim.paths[number])
        port.send(b"ATE0\r")
        port.until(rb"\r\nOK\r\n")
        return port

    def run_sim(self, *args, **more):
        """A run that ends by itself."""
        return subprocess.run([BUILD + "/sim7600", *args], capture_output=True, timeout=DEADLINE, check=False,
                              env=more.pop("env", self.env), stdin=subprocess.DEVNULL, **more)

    def refused(self, status, names, *args, **more):
        """The emulator does not start: one line on stderr with these words, nothing on stdout."""
        done = self.run_sim(*args, **more)
        text = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (status, b""), text)
        self.assertRegex(text, r"^sim7600: [^\n]+\n$")
        for name in names:
            self.assertIn(name, text)
        return text

    def nothing_left(self):
        """No file of the emulator under its temporary and run-time folders."""
        left = [os.path.join(at, n) for at, _, files in os.walk(self.dir + "/tmp") for n in files]
        left += os.listdir(self.dir + "/tmp")
        left += [n for n in os.listdir(self.dir + "/run") if n != "sim7600"]
        if os.path.isdir(self.dir + "/run/sim7600"):
            left += os.listdir(self.dir + "/run/sim7600")
        self.assertEqual(left, [])


def content(path):
    with open(path, "rb") as f:
        return f.read()


def raw_pty():
    """Master (non-blocking) and slave of a fresh pty in raw mode, and the slave's path."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave, os.ttyname(slave)
