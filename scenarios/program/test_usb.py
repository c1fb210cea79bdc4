"""usb = on: the port of a modem on USB goes at a reset and at power-off, and comes back under the same name."""
import errno
import json
import os
import selectors
import socket

import kit
from test_ports import connected

RDY = rb"^\r\nRDY\r\n"
BOOT = rb"^\r\nRDY\r\n\r\n\+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n"


def sleeps(sim):
    """It waits for something to happen, each of 50 times that we look."""
    for _ in range(50):
        with open(f"/proc/{sim.process.pid}/stat", encoding="ascii") as f:
            if f.read().rsplit(")", 1)[1].split()[0] != "S":
                return False
    return True


class Usb(kit.Case):
    def usb(self, *args, time_percent=0, **more):
        with open(self.dir + "/usb.profile", "w", encoding="ascii") as f:
            f.write(f"extend = sim7600\nusb = on\ntime_percent = {time_percent}\n")
        return self.sim("--profile", self.dir + "/usb.profile", "--control", self.dir + "/control", *args, **more)

    def power(self, action, modem="modem0"):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(kit.DEADLINE)
            s.connect(self.dir + "/control")
            s.sendall(json.dumps({"verb": "power", "modem": modem, "action": action}).encode() + b"\n")
            self.assertEqual(s.recv(1000), b"{}\n")

    def gone(self, port):
        """Reads to the end of the port; what came."""
        while True:
            kit.wait_for([port.fd], f"the end of the port after {port.seen!r}")
            try:
                more = os.read(port.fd, 65536)
            except OSError as e:
                self.assertIn(e.errno, (errno.EIO, errno.ECONNRESET))
                more = b""
            if not more:
                port.close()
                return port.seen
            port.seen += more

    def fresh(self, path):
        """Opens the port as soon as it is there."""
        def opened():
            try:
                return kit.Port(self, path)
            except FileNotFoundError:
                return None
        return kit.wait_until(opened, path)

    def link_gone(self, sim):
        kit.wait_until(lambda: not os.path.lexists(sim.path), "the end of the link")

    def no_more_than(self, sim, descriptors):
        kit.wait_until(lambda: sim.descriptors() == descriptors, f"the close of all but {descriptors} descriptors")

    def test_reset_takes_the_pty_away(self):
        sim = self.usb(time_percent=1)
        port = self.modem(sim)
        port.send(b"AT+CRESET\r")
        self.assertEqual(self.gone(port), b"\r\nOK\r\n")
        port = self.fresh(sim.path)
        port.until(BOOT)
        port.ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop()
        self.nothing_left()

    def test_answer_is_not_lost_with_the_port(self):
        """A client that reads late still gets all of it, as it would from a module that dies slowly."""
        sim = self.usb()
        port = self.modem(sim)
        port.send(b"AT+CGMR;+CGMM;+CRESET\r")
        kit.wait_for([port.fd], "the answer")
        self.link_gone(sim)
        self.assertRegex(self.gone(port), rb"\r\nOK\r\n$")
        self.fresh(sim.path).until(BOOT)
        sim.stop()

    def test_client_that_never_reads(self):
        sim = self.usb()
        port = self.modem(sim)
        port.send(b"AT+CRESET\r")
        self.link_gone(sim)
        self.fresh(sim.path).until(BOOT)
        self.assertEqual(self.gone(port), b"")  # not even what it had not read
        sim.stop()

    def test_off_and_on(self):
        sim = self.usb()
        for _ in range(3):
            port = self.modem(sim)
            port.send(b"AT+CPOF\r")
            self.assertEqual(self.gone(port), b"\r\nOK\r\n")
            self.assertFalse(os.path.lexists(sim.path))
            self.power("key")
            self.fresh(sim.path).until(BOOT)
        self.power("key")
        self.link_gone(sim)
        sim.stop()  # while it is off
        self.nothing_left()

    def test_hundred_resets(self):
        sim = self.usb()
        port = self.modem(sim)
        descriptors, rss = sim.descriptors(), None
        for i in range(100):
            self.power("reset" if i % 2 else "cut")
            self.gone(port)
            port = self.fresh(sim.path)
            self.assertTrue(os.path.exists(sim.path))
            port.until(RDY)
            if i == 10:
                rss = sim.rss()
        self.no_more_than(sim, descriptors)
        self.assertLess(sim.rss(), rss * 1.5)
        sim.stop()
        self.nothing_left()

    def test_resets_faster_than_anyone_reads(self):
        sim = self.usb()
        port = self.modem(sim)
        before = sim.descriptors()
        for _ in range(100):
            self.power("reset")
        self.gone(port)
        port = self.fresh(sim.path)
        port.until(BOOT)
        self.no_more_than(sim, before)
        sim.stop()

    def test_no_work_while_off(self):
        sim = self.usb()
        self.power("key")
        self.link_gone(sim)
        kit.wait_until(lambda: sleeps(sim), "rest")
        sim.stop()

    def test_others_are_left_alone(self):
        sim = self.usb("--count", "2", ready=2)
        first, second = self.modem(sim, 0), self.modem(sim, 1)
        first.send(b"AT+CPOF\r")
        self.gone(first)
        second.alive()
        self.assertFalse(os.path.lexists(sim.paths[0]))
        self.power("key")
        self.fresh(sim.paths[0]).until(BOOT)
        second.alive()
        sim.stop()

    def test_name_taken_while_off(self):
        path = self.dir + "/modem"
        sim = self.usb("--link", path)
        port = self.modem(sim)
        port.send(b"AT+CPOF\r")
        self.gone(port)
        with open(path, "w", encoding="ascii") as f:
            f.write("mine")
        self.power("key")
        kit.wait_until(lambda: "trying again" in sim.words(), "a word about the name")
        self.assertEqual(kit.content(path), b"mine")
        os.unlink(path)
        self.fresh(path).until(BOOT)
        sim.stop()

    def test_sockets(self):
        for listen in ("tcp:127.0.0.1:0", "unix:" + self.dir + "/at"):
            with self.subTest(listen):
                sim = self.usb("--listen", listen)
                port = kit.Port(self, connected(sim.path))
                port.send(b"ATE0;+CRESET\r")
                self.assertEqual(self.gone(port), b"ATE0;+CRESET\r\r\nOK\r\n")
                port = kit.Port(self, connected(sim.path))
                port.until(BOOT)
                port.send(b"ATE0;+CPOF\r")
                self.assertRegex(self.gone(port), rb"\r\nOK\r\n$")
                waiting = kit.Port(self, connected(sim.path))  # served when the module is on
                self.power("key")
                waiting.until(BOOT)
                waiting.ask("AT", b"AT\r\r\nOK\r\n")
                sim.stop()

    def test_serial_port_stays(self):
        master, slave, path = kit.raw_pty()
        board = kit.Port(self, master)
        sim = self.usb("--serial", path)
        board.ask("ATE0", b"ATE0\r\r\nOK\r\n")
        board.ok("AT+CRESET")
        board.until(BOOT)
        board.ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop()
        os.close(slave)
