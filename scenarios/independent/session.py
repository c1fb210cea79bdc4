"""What the clients that are not ours share: the emulator as a program, and the AWS wiki's session (sections 2 to 7)
for python3-serial and tio.

Everything is started by hand as the README does it: certs/make-certs, broker/run, sim7600. The answers are
compared byte by byte. What the modem published is seen by mosquitto_sub with a certificate of its own.
Standard library only.
"""
import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77   # exit code of a test that cannot run here
DEADLINE = 30  # seconds for any one answer, on a loaded machine
PAYLOAD = b'{"message":"Hello"}'


def skip(reason):
    """Ends the test as one that cannot run here."""
    print(reason)
    raise SystemExit(SKIPPED)


def need(package, *programs):
    """The path of the first of the programs; without one of them the test is skipped."""
    found = [shutil.which(p, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") for p in programs]
    if None in found:
        skip(f"{programs[found.index(None)]} is not installed (Debian package {package})")
    return found[0]


class Lines:
    """Lines of a child's output, with a deadline."""

    def __init__(self, stream):
        self.stream, self.rest = stream, b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(stream, selectors.EVENT_READ)

    def more(self, end, what):
        """Waits for output, no longer than until 'end' (time.monotonic), and adds it to 'rest'."""
        if not self.selector.select(max(0, end - time.monotonic())):
            raise SystemExit(f"{what} did not come within {DEADLINE} s")
        more = os.read(self.stream.fileno(), 4096)
        if not more:
            raise SystemExit(f"the program ended before {what} came")
        self.rest += more

    def until(self, wanted):
        end = time.monotonic() + DEADLINE
        while True:
            while b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                if line.startswith(wanted):
                    return line.decode()
            self.more(end, f"the line '{wanted.decode()}...'")


def policy():
    """thing1 may do what the wiki does; thing2 may look on. One document for both certificates."""
    arn = "arn:aws:iot:eu-west-1:123456789012:"
    me = "${iot:Connection.Thing.ThingName}"
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": arn + "client/" + me},
        {"Effect": "Allow", "Action": "iot:Publish", "Resource": [arn + "topic/PubTopic", arn + "topic/SubTopic"]},
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": arn + "topicfilter/*Topic"},
        {"Effect": "Allow", "Action": "iot:Receive", "Resource": arn + "topic/*Topic"}]}


class Emulator:
    """The emulator in a folder of its own, with these options, in which {dir} stands for the folder; a context manager.
    'port' is where its modem is. When the block fails, the end of the AT dialogue is shown."""

    def __init__(self, build, *options):
        self.build, self.options, self.children = build, options, []

    def __enter__(self):
        # Not below /dev, which the name space of ModemManager has of its own.
        below_dev = tempfile.gettempdir().startswith("/dev/")
        self.dir = tempfile.mkdtemp(prefix="independent-", dir="/tmp" if below_dev else None)
        try:
            self.start()
            return self
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def start(self):
        options = [o.format(dir=self.dir) for o in self.options] or ["--link", self.dir + "/modem0"]
        sim = self.spawn([self.build + "/sim7600", "--trace", self.dir + "/trace",
                          "--control", self.dir + "/control", *options])
        self.port = Lines(sim.stdout).until(b"modem0 ready at ").split()[-1]

    def spawn(self, command, env=None, stderr=subprocess.DEVNULL):
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, env=env)
        self.children.append(child)
        return child

    def set(self, keys):
        """Changes the world of the modem over the control socket."""
        request = {"verb": "set", "modem": "modem0", "keys": keys}
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(DEADLINE)
            control.connect(self.dir + "/control")
            control.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(control.makefile("rb").readline())
        if answer != {}:
            raise SystemExit(f"{request}: {answer}")

    def dialogue(self):
        """The last AT lines, '>' from the client and '<' from the modem."""
        lines = []
        with contextlib.suppress(OSError, ValueError), open(self.dir + "/trace", encoding="utf-8") as f:
            for event in map(json.loads, f):
                if event["event"] == "at":
                    lines.append(("> " if event["from"] == "host" else "< ") + event["text"])
        return "\n".join(lines[-40:])

    def __exit__(self, kind, error=None, *unused):
        if kind is not None and getattr(error, "code", None) != SKIPPED:
            print(self.dialogue(), file=sys.stderr)
        stubborn = None
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            try:
                child.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                stubborn = child.args[0]
                child.kill()
                child.wait()
            child.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        if kind is None and stubborn:
            raise SystemExit(f"{stubborn} did not end within {DEADLINE} s")


class Bench(Emulator):
    """The same with certificates and broker, started with 'broker_options'."""

    broker_options = ()

    def __init__(self, build, source):
        super().__init__(build)
        self.source = source

    def start(self):
        self.certs = self.dir + "/certs"
        subprocess.run([self.source + "/certs/make-certs", self.certs, "thing1", "thing2"], check=True,
                       stdout=subprocess.DEVNULL)
        with open(self.dir + "/policy.json", "w", encoding="utf-8") as f:
            json.dump(policy(), f)
        broker = self.spawn([self.source + "/broker/run", "--port", "0", "--certs", self.certs,
                             "--policy", self.dir + "/policy.json", *self.broker_options],
                            dict(os.environ, AWS_IOT_PLUGIN=self.build + "/broker/aws_iot.so"))
        lines = Lines(broker.stdout)
        self.broker_said(lines)
        self.address = lines.until(b"broker ready at ").split()[-1]
        super().start()

    def broker_said(self, lines):
        """What the broker says before it is ready: for those whose options make it say more."""

    def subscriber(self, topic):
        """mosquitto_sub as thing2, which ends after one message; subscribed when this returns."""
        host, port = self.address.rsplit(":", 1)
        child = self.spawn(["stdbuf", "-oL", "mosquitto_sub", "-h", host, "-p", port, "-i", "thing2", "-t", topic, "-q", "1", "-C", "1",
                            "-d", "--cafile", self.certs + "/AmazonRootCA1.pem", "--insecure",
                            "--cert", self.certs + "/thing2-certificate.pem.crt",
                            "--key", self.certs + "/thing2-private.pem.key"])
        lines = Lines(child.stdout)
        lines.until(b"Subscribed (mid: ")
        return lines

    def publish(self, topic, payload):
        host, port = self.address.rsplit(":", 1)
        subprocess.run(["mosquitto_pub", "-h", host, "-p", port, "-i", "thing2", "-t", topic, "-q", "1", "-m", payload,
                        "--cafile", self.certs + "/AmazonRootCA1.pem", "--insecure",
                        "--cert", self.certs + "/thing2-certificate.pem.crt",
                        "--key", self.certs + "/thing2-private.pem.key"], check=True, timeout=DEADLINE)

    def file(self, name):
        with open(self.certs + "/" + name, "rb") as f:
            return f.read()


def wiki(bench, ask, line_end):
    """Runs the session. ask(bytes, expected bytes) types the one and demands exactly the other."""
    def command(text, answer):
        ask(text.encode() + line_end, answer)

    def ok(text):
        command(text, b"\r\nOK\r\n")

    def data(text, content):
        command(text, b"\r\n>")
        ask(content, b"\r\nOK\r\n")

    ok("AT")
    ok("AT+CCERTLIST")
    for name, file in (("clientcert.pem", "thing1-certificate.pem.crt"),
                       ("clientkey.pem", "thing1-private.pem.key"), ("cacert.pem", "AmazonRootCA1.pem")):
        content = bench.file(file)
        data(f'AT+CCERTDOWN="{name}",{len(content)}', content)
    command("AT+CCERTLIST", b'\r\n+CCERTLIST: "cacert.pem"\r\n+CCERTLIST: "clientcert.pem"\r\n'
                            b'+CCERTLIST: "clientkey.pem"\r\n\r\nOK\r\n')
    for setting in ('"sslversion",0,4', '"authmode",0,2', '"cacert",0,"cacert.pem"', '"clientcert",0,"clientcert.pem"',
                    '"clientkey",0,"clientkey.pem"'):
        ok("AT+CSSLCFG=" + setting)
    command("AT+CMQTTSTART", b"\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n")
    ok("AT+CMQTTACCQ=0,thing1,1")
    ok("AT+CMQTTSSLCFG=0,0")
    command(f'AT+CMQTTCONNECT=0,"tcp://{bench.address}",60,1', b"\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
    subscriber = bench.subscriber("PubTopic")
    data("AT+CMQTTTOPIC=0,8", b"PubTopic")
    data(f"AT+CMQTTPAYLOAD=0,{len(PAYLOAD)}", PAYLOAD)
    command("AT+CMQTTPUB=0,1,60", b"\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n")
    subscriber.until(PAYLOAD)
    data("AT+CMQTTSUBTOPIC=0,8,1", b"SubTopic")
    command("AT+CMQTTSUB=0", b"\r\nOK\r\n\r\n+CMQTTSUB: 0,0\r\n")
    bench.publish("SubTopic", "from the cloud")
    ask(b"", b"\r\n+CMQTTRXSTART: 0,8,14\r\n\r\n+CMQTTRXTOPIC: 0,8\r\nSubTopic\r\n+CMQTTRXPAYLOAD: 0,14\r\n"
             b"from the cloud\r\n+CMQTTRXEND: 0\r\n")
    data("AT+CMQTTUNSUBTOPIC=0,8", b"SubTopic")
    command("AT+CMQTTUNSUB=0,0", b"\r\nOK\r\n\r\n+CMQTTUNSUB: 0,0\r\n")
    data("AT+CMQTTTOPIC=0,8", b"OffLimit")
    command("AT+CMQTTPUB=0,1,60", b"\r\n+CMQTTPUB: 0,6\r\n\r\nERROR\r\n\r\n+CMQTTCONNLOST: 0,1\r\n")
    ok("AT+CMQTTREL=0")
    ok("AT+CMQTTACCQ=0,otherthing,1")
    command(f'AT+CMQTTCONNECT=0,"tcp://{bench.address}",60,1', b"\r\n+CMQTTCONNECT: 0,6\r\n\r\nERROR\r\n")
    ok("AT+CMQTTREL=0")
    ok("AT+CMQTTACCQ=0,thing1,1")
    command(f'AT+CMQTTCONNECT=0,"tcp://{bench.address}",60,1', b"\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n")
    command("AT+CMQTTDISC=0,60", b"\r\nOK\r\n\r\n+CMQTTDISC: 0,0\r\n")
    ok("AT+CMQTTREL=0")
    command("AT+CMQTTSTOP", b"\r\n+CMQTTSTOP: 0\r\n\r\nOK\r\n")
