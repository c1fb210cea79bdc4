"""What the emulator's connections reach: TCP servers on loopback, the few words of MQTT a broker needs, certificates.
Standard library only, and none of the emulator's code.
"""
import socket
import struct
import subprocess
import threading

import kit


class Peer:
    """A TCP server on loopback: handler(connection) runs for one client after the other, in a thread."""

    def __init__(self, case, handler):
        self.handler, self.failure, self.closing = handler, None, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        case.addCleanup(self.close)

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(kit.DEADLINE)
            try:
                with connection:
                    self.handler(connection)
            except OSError:
                pass  # the modem closed first, as it may
            except Exception as e:  # pylint: disable=broad-except
                self.failure = e

    def close(self):
        if self.closing:
            return
        self.closing = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(kit.DEADLINE)
        if self.failure:
            raise self.failure


def reset(connection):
    """Closes with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def exactly(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def packet(connection):
    """One MQTT packet: its first byte and its body."""
    first, length, shift = exactly(connection, 1)[0], 0, 0
    while True:
        byte = exactly(connection, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return first, exactly(connection, length)


CONNACK = b"\x20\x02\x00\x00"


def answers(connection, acknowledged=None):
    """A broker that agrees to everything, until the client leaves. Each packet goes to 'acknowledged' as well."""
    while True:
        first, body = packet(connection)
        if acknowledged is not None:
            acknowledged.append((first, body))
        kind = first >> 4
        if kind == 1:
            connection.sendall(CONNACK)
        elif kind == 3 and first & 6:
            topic = struct.unpack(">H", body[:2])[0]
            connection.sendall(b"\x40\x02" + body[2 + topic:4 + topic])
        elif kind == 8:
            connection.sendall(b"\x90\x03" + body[:2] + b"\x00")
        elif kind == 10:
            connection.sendall(b"\xB0\x02" + body[:2])
        elif kind == 12:
            connection.sendall(b"\xD0\x00")
        elif kind == 14:
            return


def make_certificate(folder, name):
    """A self-signed EC certificate and its key: FOLDER/NAME.crt and .key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "3650", "-subj", "/CN=" + name, "-keyout", f"{folder}/{name}.key",
                    "-out", f"{folder}/{name}.crt"], check=True, capture_output=True, timeout=kit.DEADLINE)
