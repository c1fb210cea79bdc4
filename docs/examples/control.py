#!/usr/bin/env python3
"""A test that stands beside its client, in Python with its standard library only.

    control.py PATH-OF-SIM7600

Starts an emulator, watches every event on its control socket, plays the client on the pty, and makes trouble:
a URC that nobody expects, a fault that answers in the place of a command, a network that goes.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import tty


class Control:
    """One connection to the control socket: requests, or events after subscribe()."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def ask(self, verb, **fields):
        """The answer to a request; an error is raised with its text."""
        self.socket.sendall(json.dumps({"verb": verb, **fields}).encode() + b"\n")
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def event(self, **wanted):
        """The next event whose fields are those; what comes before it is passed over."""
        for line in self.lines:
            event = json.loads(line)
            if all(event.get(name) == value for name, value in wanted.items()):
                return event
        raise EOFError("the emulator has ended")


class Port:
    """The client's end of the modem's pty."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)

    def send(self, command):
        os.write(self.fd, command.encode() + b"\r")

    def read_until(self, end):
        got = b""
        while not got.endswith(end):
            got += os.read(self.fd, 4096)
        return got.decode()

    def command(self, command):
        self.send(command)
        return self.read_until(b"\r\nOK\r\n")


def run(folder, emulator):
    control = folder + "/control"
    with subprocess.Popen([emulator, "--link", folder + "/modem0", "--control", control],
                          stdout=subprocess.PIPE, text=True) as process:
        try:
            path = process.stdout.readline().split(" ready at ")[1].strip()
            watch(Control(control), Control(control), Port(path))
        finally:
            process.terminate()
    assert process.returncode == 0, "the emulator did not end well"


def watch(requests, events, port):
    events.ask("subscribe")
    port.command("ATE0")
    print("the client said", events.event(event="at", **{"from": "host"})["text"])

    requests.ask("urc", text='+CMTI: "SM",1')
    print("the client was told", repr(port.read_until(b'"SM",1\r\n')))

    requests.ask("fault", name="command.answer", parameters={"command": "+CSQ", "answer": "error"}, nth=2)
    print("first:", repr(port.command("AT+CSQ")))
    port.send("AT+CSQ")
    print("second:", repr(port.read_until(b"\r\nERROR\r\n")))
    print("the fault struck:", events.event(event="fault", step="fired")["name"])

    port.command("AT+CREG=1")
    requests.ask("set", keys={"network": "none"})
    print("without a network:", repr(port.read_until(b"+CREG: 2\r\n")))
    print("it is", requests.ask("state")["state"]["network"]["registration"])

    try:
        requests.ask("set", keys={"signal.dbm": 7})
    except ValueError as problem:
        print("refused:", problem)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        run(scratch, sys.argv[1])
    print("done")
