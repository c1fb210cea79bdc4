"""What broker_test.py stands on: broker/run as a child with deadlines, and an MQTT client on a bare
socket, which sees how a connection ends."""

import argparse
import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

DEADLINE = 30.0  # seconds; only ever reached by a failing test
ARN = "arn:aws:iot:eu-west-1:123456789012:"


class Output:
    """The lines of a stream, read by a thread so that every wait can have a deadline."""

    def __init__(self, stream):
        self.lines = []
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait(self, text):
        """The first line not seen before with 'text' in it; None at the end of the stream."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {text!r} in {self.lines}") from None
            if line is None:
                return None
            self.lines.append(line)
            if text is not None and text in line:
                return line

    def rest(self):
        self.wait(None)
        return self.lines


class Broker:
    """broker/run in a session of its own, so that whatever it leaves behind can be found."""

    def __init__(self, setup, *options):
        self.tmp = tempfile.mkdtemp(dir=setup.tmp)
        self.process = subprocess.Popen([setup.run, *options], stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True, env={**os.environ, "TMPDIR": self.tmp})
        setup.started.append(self.process)
        self.out = Output(self.process.stdout)
        self.log = Output(self.process.stderr)
        self.plain_port = self.alpn_port = None

    def ready(self):
        line = self.out.wait("broker ready at ")
        assert line, f"the broker did not start: {self.log.rest()}"
        for earlier in self.out.lines[:-1]:
            kind, _, address = earlier.partition(" listener ready at 127.0.0.1:")
            assert kind in ("plain", "alpn"), earlier
            setattr(self, kind + "_port", int(address))
        assert line.startswith("broker ready at 127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def ended(self, status):
        """Checks that it ends by itself with that status and leaves nothing."""
        log = self.log.rest()  # ends when the last process holding it has ended
        got = self.process.wait(DEADLINE)
        assert got == status, f"exit {got}, not {status}: {log}"
        self.nobody_left()
        assert os.listdir(self.tmp) == [], os.listdir(self.tmp)
        return log

    def nobody_left(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            raise AssertionError("a process of the broker is left")

    def children(self, name):
        """Process ids of its programs of that name."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
                if group == self.process.pid and (folder / "comm").read_text().strip() == name:
                    found.append(int(folder.name))
        return found

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.ended(0)


class Setup:
    def __init__(self, run, make_certs, tmp):
        self.run, self.make_certs, self.tmp = run, make_certs, tmp
        self.certs = os.path.join(tmp, "certs")
        self.started = []  # processes, each in a session of its own
        self._policies = 0

    def end_all(self):
        """What a failed test left running must not outlive it."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(DEADLINE)
        self.started.clear()

    def policy(self, *statements):
        self._policies += 1
        path = os.path.join(self.tmp, f"policy{self._policies}.json")
        connect = {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"Version": "2012-10-17", "Statement": [connect, *statements]}, file)
        return path

    @contextlib.contextmanager
    def broker(self, *options):
        """A broker that is stopped at the end. Its tests connect more often than once in a second."""
        broker = Broker(self, "--certs", self.certs, "--plain-port", "0", *options)
        try:
            broker.ready()
            yield broker
        except BaseException:
            broker.process.send_signal(signal.SIGTERM)
            print("\n".join(broker.log.rest()), file=sys.stderr)
            raise
        broker.stop()

    def tls(self, name="thing1", folder=""):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # so that a refused certificate is seen at once
        context.load_verify_locations(os.path.join(self.certs, "AmazonRootCA1.pem"))
        if name:
            base = os.path.join(self.certs, folder, name)
            context.load_cert_chain(base + "-certificate.pem.crt", base + "-private.pem.key")
        return context


def text(value):
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def packet(kind, body):
    length, header = len(body), [kind]
    while True:
        length, digit = length >> 7, length & 127
        header.append(digit | (128 if length else 0))
        if not length:
            return bytes(header) + body


def publish(topic, payload, qos=0, retain=False):
    identifier = b"\0\x07" if qos else b""
    return packet(0x30 | qos << 1 | retain, text(topic) + identifier + payload.encode())


def subscribe(topic_filter, qos=1):
    return packet(0x82, b"\0\x09" + text(topic_filter) + bytes([qos]))


PUBACK = packet(0x40, b"\0\x07")
SUBACK = packet(0x90, b"\0\x09\x01")
PINGREQ = packet(0xC0, b"")
PINGRESP = packet(0xD0, b"")
DISCONNECT = packet(0xE0, b"")


class Client:
    """A raw MQTT 3.1.1 client; with a context over TLS."""

    def __init__(self, port, context=None, name="localhost"):
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=name)

    def send(self, data):
        self.socket.sendall(data)
        return self

    def connect(self, client_id, will=None, clean=True, keep_alive=60, level=4):
        flags, rest = 0x02 if clean else 0, text(client_id)
        if will:
            flags, rest = flags | 0x04, rest + text(will) + text("gone")
        return self.send(packet(0x10, text("MQTT") + bytes([level, flags]) + keep_alive.to_bytes(2, "big") + rest))

    def accepted(self, session_present=False):
        return self.expect(packet(0x20, bytes([session_present, 0])))

    def expect(self, wanted):
        got = b""
        while len(got) < len(wanted):
            part = self.socket.recv(len(wanted) - len(got))
            assert part, f"closed after {got!r}, wanted {wanted!r}"
            got += part
        assert got == wanted, f"got {got!r}, wanted {wanted!r}"
        return self

    def receive(self):
        """Topic and payload of the next PUBLISH with QoS 0."""
        got = self.exactly(1)
        assert got[0] & 0xF6 == 0x30, got
        length, shift = 0, 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        body = self.exactly(length)
        end = 2 + int.from_bytes(body[:2], "big")
        return body[2:end].decode(), body[end:].decode()

    def exactly(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            assert part, f"closed after {got!r}"
            got += part
        return got

    def expect_end(self):
        """Not one byte more, then the end."""
        got = self.socket.recv(4096)
        assert got == b"", f"got {got!r} instead of the end"
        self.socket.close()

    def alive(self):
        return self.send(PINGREQ).expect(PINGRESP)

    def break_off(self):
        self.socket.close()


def observer(broker, topic_filter="#"):
    return Client(broker.plain_port).connect("observer").accepted().send(subscribe(topic_filter)).expect(SUBACK)


def tool_arguments(setup, broker, thing, client_id):
    base = os.path.join(setup.certs, thing)
    return ["-h", "localhost", "-p", str(broker.port), "-i", client_id,
            "--cafile", os.path.join(setup.certs, "AmazonRootCA1.pem"),
            "--cert", base + "-certificate.pem.crt", "--key", base + "-private.pem.key"]


def make(setup, *arguments, status=0):
    result = subprocess.run([setup.make_certs, *arguments], capture_output=True, text=True, check=False,
                            timeout=4 * DEADLINE, stdin=subprocess.DEVNULL)
    assert result.returncode == status, f"exit {result.returncode}: {result.stdout}{result.stderr}"
    return result


def state_of(folder):
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes())
            for path in pathlib.Path(folder).rglob("*") if path.is_file()}


def processes_of(group):
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                found.append(int(stat.parent.name))
    return found


def run_tests(names, description):
    """The tests among these names, in order, against the programs of the command line."""
    parser = argparse.ArgumentParser(description=description)
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--run", default=str(here / "run"))
    parser.add_argument("--make-certs", default=str(here.parent / "certs" / "make-certs"))
    parser.add_argument("tests", nargs="*", help="names or parts of names; default all")
    arguments = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="broker-test.") as tmp:
        setup = Setup(arguments.run, arguments.make_certs, tmp)
        make(setup, setup.certs, "thing1", "thing2")
        for name, test in list(names.items()):
            if not name.startswith("test_"):
                continue
            if arguments.tests and not any(part in name for part in arguments.tests):
                continue
            begin = time.monotonic()
            try:
                test(setup)
                print(f"ok   {name} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception:  # every test is run, whatever happened in one
                traceback.print_exc()
                print(f"FAIL {name}", flush=True)
                failed.append(name)
            setup.end_all()
    sys.exit(1 if failed else 0)
