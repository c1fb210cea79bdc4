#!/usr/bin/env python3
"""An MQTT client on a SIM7600 as it is often written. It works on the desk and fails in the field; scenarios/client
names where. It does the job of client-good and has the same environment and output.

What is wrong, and why people write it so:
 1. The first line that contains OK ends a command (ask). The manual's examples look so, and for AT+CSQ it is true. CONNECT,
    SUB and PUB have their result in a later line, +CMQTTPUB: 0,<code>, and a payload may contain OK, too.
 2. Everything is read by line (read_line), because readline() is there. A payload is counted, and may have lines.
 3. What is not expected is thrown away (answer): messages that come during a command, RDY of a modem that has rebooted,
    +CMQTTCONNLOST. On the desk nothing of that happens at the wrong time.
 4. A wait for '>' that ends without one is ignored (enter), because with a fixed delay it "nearly always works".
 5. A lost connection is noticed when a publish says ERROR, and never where it says OK.
 6. All failures get the same pause. One device does no harm with that.
 7. The port is opened once. A USB modem that resets takes it away.
"""
import os
import signal
import socket
import sys
import time
import tty
from select import select

PERCENT = int(os.environ.get("TIME_PERCENT", "100"))
THING = os.environ.get("THING_NAME", "thing1")
CLIENT_ID = os.environ.get("CLIENT_ID", THING)
COUNT = int(os.environ.get("PUBLISH_COUNT", "-1"))
QOS = os.environ.get("PUBLISH_QOS", "1")
PAUSE = int(os.environ.get("PUBLISH_MS", "5000")) / 1000
TLS = os.environ.get("BROKER_TLS", "1") == "1"
RETRY = 5
stopping = False
FILES = {
    "cacert.pem": "AmazonRootCA1.pem",
    "clientcert.pem": THING + "-certificate.pem.crt",
    "clientkey.pem": THING + "-private.pem.key",
}


def scaled(seconds):
    """But not shorter than a busy machine needs."""
    return max(seconds * PERCENT / 100, 0.2)


def say(text):
    print(text, flush=True)


def stop_if_asked():
    if stopping:
        sys.exit(0)


def on_sigterm(*_):
    global stopping
    stopping = True


class Port:
    """A terminal, or socket://HOST:PORT."""

    def __init__(self, name):
        self.socket = None
        if name.startswith("socket://"):
            host, port = name[len("socket://"):].rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)))
            self.fd = self.socket.fileno()
        else:
            self.fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
        self.buffer = b""

    def read_until(self, end, seconds):
        """Up to and with 'end', or what there is when the time has passed."""
        deadline = time.monotonic() + scaled(seconds)
        while end not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select([self.fd], [], [], left)[0]:
                break
            more = os.read(self.fd, 1024)
            if not more:
                raise OSError("the port is closed")
            self.buffer += more
        at = self.buffer.find(end)
        at = len(self.buffer) if at < 0 else at + len(end)
        got, self.buffer = self.buffer[:at], self.buffer[at:]
        return got

    def read_line(self, seconds):
        return self.read_until(b"\n", seconds).decode("utf-8", "replace").strip()

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data):]


class Modem:
    def __init__(self, port):
        self.port = port

    def ask(self, command, seconds=10):
        """The lines of the answer; None for ERROR, or where nothing comes."""
        stop_if_asked()
        self.port.write(command.encode() + b"\r")
        return self.answer(seconds)

    def answer(self, seconds):
        lines = []
        while True:
            line = self.port.read_line(seconds)
            if "OK" in line:
                return lines
            if "ERROR" in line or not line and not self.port.buffer and not self.more(seconds):
                return None
            lines.append(line)

    def more(self, seconds):
        return select([self.port.fd], [], [], scaled(seconds))[0]

    def enter(self, command, data):
        stop_if_asked()
        self.port.write(command.encode() + b"\r")
        self.port.read_until(b">", 2)
        self.port.write(data)
        return self.answer(10)


def upload(modem):
    stored = modem.ask("AT+CCERTLIST") or []
    for name, file in FILES.items():
        if not any(name in line for line in stored):
            with open(os.path.join(os.environ["CERTIFICATES"], file), "rb") as f:
                data = f.read()
            modem.enter('AT+CCERTDOWN="%s",%d' % (name, len(data)), data)


def connect(modem):
    """True when the modem says OK to all that matters."""
    modem.ask("AT+CMQTTDISC=0,60")
    modem.ask("AT+CMQTTREL=0")
    modem.ask("AT+CMQTTSTOP")
    if TLS:
        upload(modem)
        for what in ('"sslversion",0,4', '"authmode",0,2', '"ignorelocaltime",0,1', '"cacert",0,"cacert.pem"',
                     '"clientcert",0,"clientcert.pem"', '"clientkey",0,"clientkey.pem"'):
            modem.ask("AT+CSSLCFG=" + what)
    if modem.ask("AT+CMQTTSTART", 30) is None:
        return False
    modem.ask('AT+CMQTTACCQ=0,"%s",%d' % (CLIENT_ID, TLS))
    modem.ask('AT+CMQTTCFG="version",0,4')
    if TLS:
        modem.ask("AT+CMQTTSSLCFG=0,0")
    host, port = os.environ["BROKER_HOST"], os.environ["BROKER_PORT"]
    if modem.ask('AT+CMQTTCONNECT=0,"tcp://%s:%s",60,1' % (host, port), 60) is None:
        return False
    say("connected")
    topic = THING + "/cmd"
    modem.enter("AT+CMQTTSUBTOPIC=0,%d,1" % len(topic), topic.encode())
    if modem.ask("AT+CMQTTSUB=0", 60) is not None:
        say("subscribed")
    return True


def publish(modem, counter):
    topic, payload = THING + "/telemetry", '{"counter":%d}' % counter
    modem.enter("AT+CMQTTTOPIC=0,%d" % len(topic), topic.encode())
    modem.enter("AT+CMQTTPAYLOAD=0,%d" % len(payload), payload.encode())
    return modem.ask("AT+CMQTTPUB=0,%s,60" % QOS, 60) is not None


def listen(modem, seconds):
    """Messages, for so long."""
    topic, deadline = "", time.monotonic() + scaled(seconds)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return
        if not modem.port.buffer and not select([modem.port.fd], [], [], left)[0]:
            return
        line = modem.port.read_line(1)
        if line.startswith("+CMQTTRXTOPIC"):
            topic = modem.port.read_line(1)
        elif line.startswith("+CMQTTRXPAYLOAD"):
            say("message %s %s" % (topic, modem.port.read_line(1)))


def come_up(modem):
    while not connect(modem):
        say("lost no connection\nretry in %d" % (scaled(RETRY) * 1000))
        listen(modem, RETRY)


def main():
    signal.signal(signal.SIGTERM, on_sigterm)
    modem = Modem(Port(os.environ["MODEM_PORT"]))
    while modem.ask("AT", 1) is None:
        pass
    modem.ask("ATE0")
    say("ready")
    counter = 1
    come_up(modem)
    while COUNT < 0 or counter <= COUNT:
        if COUNT != 0 and publish(modem, counter):
            say("published %d" % counter)
            counter += 1
        elif COUNT != 0:
            say("lost a publish failed")
            come_up(modem)
        listen(modem, PAUSE)
        stop_if_asked()


if __name__ == "__main__":
    sys.exit(main())
