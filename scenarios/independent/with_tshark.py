#!/usr/bin/python3
"""What the modem puts on the wire, as Wireshark's dissectors read it: with_tshark.py BUILD SOURCE.

dumpcap captures the loopback while the emulator has three conversations: MQTT with a broker in plain TCP, the same
over mutual TLS 1.2 (the server writes its session keys, so that tshark reads the MQTT inside, too), and handshakes
that fail with an alert of either side. tshark must find every kind of packet that a client sends, and nothing
malformed. A packet that is malformed on purpose, by this script, shows that tshark would say so.

Needs the right to capture: root, or a member of the group wireshark where Debian's dumpcap has it.
"""
import contextlib
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
import tty

import session

SECONDS = session.DEADLINE
CLIENT_SENDS = {"1": "CONNECT", "3": "PUBLISH", "4": "PUBACK", "5": "PUBREC", "6": "PUBREL", "7": "PUBCOMP",
                "8": "SUBSCRIBE", "10": "UNSUBSCRIBE", "14": "DISCONNECT"}
ALERTS = {"client": {"48"}, "server": {"40", "116"}}  # unknown_ca; handshake_failure, or as TLS 1.3 calls it
# CONNECT whose client identifier is longer than the packet (MQTT 3.1.1, 3.1.3.1)
MALFORMED = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x50ab"


class Port:
    """The modem's pty."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        self.seen = b""

    def until(self, *wanted):
        """Waits for all of these, in any order, and forgets what came."""
        end = time.monotonic() + SECONDS
        while not all(text in self.seen for text in wanted):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit(f"wanted {wanted!r}\ngot    {self.seen!r}")
            self.seen += os.read(self.fd, 4096)
        self.seen = b""

    def command(self, text, *wanted):
        os.write(self.fd, text.encode() + b"\r")
        self.until(*(wanted or (b"\r\nOK\r\n",)))

    def data(self, text, content):
        self.command(text, b"\r\n>")
        while content:
            content = content[os.write(self.fd, content):]
        self.until(b"\r\nOK\r\n")


class TlsServer:
    """OpenSSL by way of Python: mutual TLS in front of the broker's plain port, session keys into a file."""

    def __init__(self, certs, keys, behind):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(certs + "/server.crt", certs + "/server.key")
        self.context.load_verify_locations(certs + "/AmazonRootCA1.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.keylog_filename = keys
        self.behind = behind
        self.pinged = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with contextlib.suppress(OSError):  # ssl.SSLError is one: the handshakes that must fail
                plain = self.listener.accept()[0]
                plain.settimeout(SECONDS)
                with self.context.wrap_socket(plain, server_side=True) as client, \
                        socket.create_connection(("127.0.0.1", self.behind)) as broker:
                    self.relay(client, broker)

    def relay(self, client, broker):
        while True:
            ready = [client] if client.pending() else select.select([client, broker], [], [])[0]
            for source, sink in ((client, broker), (broker, client)):
                if source in ready:
                    data = source.recv(16384)
                    if not data:
                        return
                    if source is client and data.endswith(b"\xc0\x00"):
                        self.pinged.set()
                    sink.sendall(data)


class Capture:
    """dumpcap on the loopback, into a file that tshark can read while it grows."""

    def __init__(self, bench, dumpcap, ports):
        self.file = bench.dir + "/capture.pcapng"
        condition = " or ".join(f"tcp port {port}" for port in ports)
        self.child = bench.spawn([dumpcap, "-i", "lo", "-f", condition, "-w", self.file, "-q"],
                                 stderr=subprocess.STDOUT)
        lines = session.Lines(self.child.stdout)
        while b"File: " not in lines.rest:
            try:
                lines.more(time.monotonic() + SECONDS, "dumpcap's first word")
            except SystemExit as end:
                words = lines.rest.decode(errors="replace").strip().split("\n\n")[0].replace("\n", " ")
                if "permission" in words or "not permitted" in words:
                    session.skip(f"this user may not capture on the loopback; be root, or in the group wireshark: {words}")
                raise SystemExit(f"dumpcap does not capture on the loopback: {end}: {words}") from end

    def stop(self):
        """Nothing is cut short in the file any more."""
        self.child.terminate()
        self.child.wait(SECONDS)


class Reader:
    """tshark on a capture."""

    def __init__(self, tshark, capture, plain, tls, keys):
        self.command = [tshark, "-n", "-r", capture, "-o", f"tls.keylog_file:{keys}",
                        "-d", f"tcp.port=={plain},mqtt", "-d", f"tcp.port=={tls},tls", "-d", f"tls.port=={tls},mqtt"]

    def fields(self, condition, *names):
        """Lines of tab-separated fields; None while the file ends within a packet."""
        command = [*self.command, "-Y", condition, "-T", "fields"]
        for name in names:
            command += ["-e", name]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=4 * SECONDS)
        if result.returncode != 0:
            if "cut short" in result.stderr:
                return None
            raise SystemExit(f"tshark: {result.stderr}")
        return [line.split("\t") for line in result.stdout.splitlines()]

    def values(self, condition, name):
        """All values of a field; a frame can have several."""
        return {value for line in self.fields(condition, name) for value in line[0].split(",") if value}


def broken(port):
    """A malformed packet to the broker; returns the port it came from."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(MALFORMED)
        with contextlib.suppress(ConnectionError):
            connection.recv(16)  # until the broker closes
        return connection.getsockname()[1]


def acquire(port, server_type, version):
    port.command(f'AT+CMQTTACCQ=0,"thing1",{server_type},{version}')
    port.data("AT+CMQTTWILLTOPIC=0,4", b"will")
    port.data("AT+CMQTTWILLMSG=0,5,1", b"gone!")


def messages(port, address, keep_alive):
    """Every QoS in both directions: the client gets its own messages."""
    port.command(f'AT+CMQTTCONNECT=0,"tcp://{address}",{keep_alive},1', b"+CMQTTCONNECT: 0,0\r\n")
    port.data("AT+CMQTTSUBTOPIC=0,5,2", b"own/#")
    port.data("AT+CMQTTSUBTOPIC=0,7,1", b"other/+")
    port.command("AT+CMQTTSUB=0", b"+CMQTTSUB: 0,0\r\n")
    for qos, length in ((0, 1), (1, 200), (2, 5000)):
        port.data("AT+CMQTTTOPIC=0,5", b"own/%d" % qos)
        port.data(f"AT+CMQTTPAYLOAD=0,{length}", bytes(32 + i % 90 for i in range(length)))
        port.command(f"AT+CMQTTPUB=0,{qos},60", b"+CMQTTPUB: 0,0\r\n", b"+CMQTTRXEND: 0\r\n")
    port.data("AT+CMQTTUNSUBTOPIC=0,5", b"own/#")
    port.command("AT+CMQTTUNSUB=0,0", b"+CMQTTUNSUB: 0,0\r\n")


def leave(port):
    port.command("AT+CMQTTDISC=0,60", b"+CMQTTDISC: 0,0\r\n")
    port.command("AT+CMQTTREL=0")


def provide(port, bench):
    for name, file in (("clientcert.pem", "thing1-certificate.pem.crt"), ("clientkey.pem", "thing1-private.pem.key"),
                       ("cacert.pem", "AmazonRootCA1.pem"), ("unknown.pem", "hostile/UnknownRootCA.pem")):
        content = bench.file(file)
        port.data(f'AT+CCERTDOWN="{name}",{len(content)}', content)
    for context, ca in ((0, "cacert.pem"), (1, "unknown.pem"), (2, "cacert.pem")):
        for setting in (f'"sslversion",{context},4', f'"authmode",{context},{1 if context == 2 else 2}',
                        f'"enableSNI",{context},1', f'"cacert",{context},"{ca}"',
                        f'"clientcert",{context},"clientcert.pem"', f'"clientkey",{context},"clientkey.pem"'):
            port.command("AT+CSSLCFG=" + setting)


def conversations(bench, port, plain, tls):
    port.command("ATE0")
    provide(port, bench)
    port.command("AT+CMQTTSTART", b"+CMQTTSTART: 0\r\n", b"OK\r\n")
    for version in (3, 4):
        acquire(port, 0, version)
        messages(port, f"127.0.0.1:{plain}", 60)
        leave(port)
    acquire(port, 1, 4)
    messages(port, f"localhost:{tls.port}", 1)
    if not tls.pinged.wait(SECONDS):
        raise SystemExit("with a keep-alive of 1 s no PINGREQ came")
    leave(port)
    acquire(port, 1, 4)
    for context in (1, 2):  # the modem refuses the server; the server the modem
        port.command(f"AT+CMQTTSSLCFG=0,{context}")
        port.command(f'AT+CMQTTCONNECT=0,"tcp://localhost:{tls.port}",60,1', b"+CMQTTCONNECT: 0,32\r\n")


def demand(what, wanted, got):
    if not wanted <= got:
        raise SystemExit(f"{what}: wanted {sorted(wanted)}, tshark found {sorted(got)}")


def wait_for(reader, condition):
    """The whole capture is in the file when this is: it was sent last."""
    end = time.monotonic() + SECONDS
    while not reader.fields(condition, "frame.number"):
        if time.monotonic() > end:
            raise SystemExit(f"tshark never found {condition}")


def judge(reader, plain, tls, liar):
    sent = set(CLIENT_SENDS)
    demand("MQTT in plain TCP", sent, reader.values(f"mqtt && tcp.dstport=={plain}", "mqtt.msgtype"))
    demand("MQTT versions", {"3", "4"}, reader.values(f"mqtt && tcp.dstport=={plain}", "mqtt.ver"))
    demand("MQTT in TLS", sent | {"12"}, reader.values(f"tls && mqtt && tcp.dstport=={tls}", "mqtt.msgtype"))
    demand("handshake messages of the modem", {"1", "11", "15", "16", "20"},
           reader.values(f"tcp.dstport=={tls}", "tls.handshake.type"))
    demand("server names", {"localhost"}, reader.values(f"tcp.dstport=={tls}", "tls.handshake.extensions_server_name"))
    for side, direction in (("client", "dstport"), ("server", "srcport")):
        if not ALERTS[side] & reader.values(f"tcp.{direction}=={tls}", "tls.alert_message.desc"):
            raise SystemExit(f"tshark found no alert of the {side}")
    bad = reader.fields(f"(_ws.malformed || _ws.unreassembled || _ws.expert.group == \"Malformed\" || "
                        f"mqtt && _ws.expert.severity == error || tls.ignored_unknown_record) && tcp.port != {liar}",
                        "frame.number", "_ws.col.Info", "_ws.expert.message")
    if bad:
        raise SystemExit("tshark finds fault with these packets: " + "; ".join(" ".join(line) for line in bad))


def main():
    tshark = session.need("tshark", "tshark", "dumpcap")
    dumpcap = session.need("wireshark-common", "dumpcap")
    with WithPlainPort(sys.argv[1], sys.argv[2]) as bench:
        keys = bench.dir + "/keys"
        tls = TlsServer(bench.certs, keys, bench.plain)
        capture = Capture(bench, dumpcap, (bench.plain, tls.port))
        conversations(bench, Port(bench.port), bench.plain, tls)
        reader = Reader(tshark, capture.file, bench.plain, tls.port, keys)
        liar = broken(bench.plain)
        wait_for(reader, f"_ws.malformed && tcp.srcport == {liar}")
        capture.stop()
        judge(reader, bench.plain, tls.port, liar)
    print("1 passed, 0 failed")


class WithPlainPort(session.Bench):
    """With the broker's plain port as 'plain'."""

    broker_options = ("--plain-port", "0")

    def broker_said(self, lines):
        self.plain = int(lines.until(b"plain listener ready at ").rsplit(":", 1)[1])


if __name__ == "__main__":
    main()
