"""The control socket: what it answers, and that nothing a peer does disturbs the modem."""
import contextlib
import json
import os
import socket
import stat
import struct

import kit

LINE_MAX = 64 * 1024


class Control(kit.Case):
    def setUp(self):
        super().setUp()
        self.path = self.dir + "/control"
        self.running = self.sim("--control", self.path)
        self.at = self.modem(self.running)

    def ask(self, verb, **fields):
        """The answer to one request over a connection of its own."""
        return self.request(self.peer(), json.dumps({"verb": verb, **fields}).encode())

    def peer(self):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        # Not settimeout: a connect that has to wait for its turn would fail at once.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", kit.DEADLINE, 0))
        s.connect(self.path)
        s.settimeout(kit.DEADLINE)
        return s

    def request(self, peer, line):
        peer.sendall(line + b"\n")
        return self.answer(peer)

    def answer(self, peer):
        got = b""
        while not got.endswith(b"\n"):
            more = peer.recv(65536)
            self.assertTrue(more, "closed instead of an answer")
            got += more
        self.assertEqual(got.count(b"\n"), 1)
        return json.loads(got)

    def closed(self, peer):
        try:
            while peer.recv(65536):
                pass
        except ConnectionResetError:
            pass

    def all_well(self):
        self.at.alive()
        self.assertIn("version", self.request(self.peer(), b'{"verb":"version"}'))

    def end(self):
        self.running.stop()
        self.assertFalse(os.path.exists(self.path))
        self.nothing_left()

    def test_verbs(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        peer = self.peer()
        version = self.run_sim("--version").stdout.decode().split()[1]
        self.assertEqual(self.request(peer, b'{"verb":"version"}'), {"version": version, "control": 1})
        self.assertEqual(self.request(peer, b' { "verb" : "list" } \r'),
                         {"modems": [{"name": "modem0", "path": self.running.path, "profile": "sim7600"}]})
        self.end()

    def test_set_and_get(self):
        self.assertEqual(self.ask("set", keys={"signal.dbm": -99, "network": "roaming"}), {})
        self.at.ask("AT+CSQ", b"\r\n+CSQ: 7,99\r\n\r\nOK\r\n")
        keys = self.ask("get", modem="modem0")["keys"]
        self.assertEqual((keys["signal.dbm"], keys["network"], keys["sim.card"]), (-99, "roaming", "present"))
        dumped = json.loads(self.run_sim("--dump", "profile:json").stdout)
        self.assertEqual({k for k in keys if keys[k] != dumped[k]}, {"signal.dbm", "network"})
        self.assertEqual(keys.keys(), dumped.keys())
        self.end()

    def test_set_all_or_nothing(self):
        before = self.ask("get")
        for keys, names in (({"signal.dbm": -99, "network": "5G"}, ["network", "none|home|roaming|denied"]),
                            ({"signal.dbm": -99, "signal": 1}, ["'signal'", "--dump profile"]),
                            ({"signal.dbm": -99, "imei": "1"}, ["imei", "while the modem runs"]),
                            ({"network": None}, ["network", "string or a whole number"]),
                            ({"signal.dbm": 7}, ["signal.dbm", "'7'", "-113 to -51"])):
            answer = self.ask("set", keys=keys)
            self.assertEqual(list(answer), ["error"])
            for name in names:
                self.assertIn(name, answer["error"])
        self.assertEqual(self.ask("get"), before)
        self.end()

    def test_urc_of_a_change(self):
        """What the world does is told to who listens on the port."""
        self.at.ok("AT+CREG=1")
        self.assertEqual(self.ask("set", keys={"network": "none"}), {})
        self.at.until(rb"^\r\n\+CREG: \d\r\n")
        self.end()

    def lines(self, peer):
        """The objects that come on a connection, one after the other."""
        rest = b""
        while True:
            while b"\n" not in rest:
                more = peer.recv(65536)
                self.assertTrue(more, "closed")
                rest += more
            line, rest = rest.split(b"\n", 1)
            yield json.loads(line)

    def test_subscribe(self):
        """Events come as they happen, after so many of the past; and requests are still answered."""
        self.at.ok("AT+CMEE=2")
        peer = self.peer()
        got = self.lines(peer)
        peer.sendall(b'{"verb":"subscribe","last":2,"events":["at"]}\n')
        self.assertEqual(next(got), {})
        self.assertEqual([next(got)["text"] for _ in range(2)], ["AT+CMEE=2", "OK"])
        self.at.ok("AT+CREG=1")
        self.assertEqual(self.ask("set", keys={"network": "none"}), {})
        self.assertEqual([next(got)["text"] for _ in range(3)], ["AT+CREG=1", "OK", "+CREG: 2"])
        peer.sendall(b'{"verb":"version"}\n')
        self.assertIn("version", next(got))
        self.end()

    def test_subscriber_that_never_reads(self):
        """It is let go of when a megabyte waits; the modem answers all the while."""
        peer = self.peer()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.assertEqual(self.request(peer, b'{"verb":"subscribe"}'), {})
        for _ in range(12000):
            self.at.ok("AT+CMEE=1;+CMEE=1;+CMEE=1;+CMEE=1")
        self.closed(peer)
        self.all_well()
        self.end()

    def test_add_and_remove(self):
        """Modems come and go while the others run; no name is used twice."""
        added = self.ask("add", profile="sim7600e", keys={"signal.dbm": -99})
        self.assertEqual(added["name"], "modem1")
        self.assertTrue(os.path.islink(added["path"]))
        other = kit.Port(self, added["path"])
        other.final("ATE0")
        other.ask("AT+CSQ", b"\r\n+CSQ: 7,99\r\n\r\nOK\r\n")
        self.assertEqual([m["profile"] for m in self.ask("list")["modems"]], ["sim7600", "sim7600e"])
        self.assertEqual(self.ask("remove", modem="modem1"), {})
        self.assertFalse(os.path.lexists(added["path"]))
        self.assertIn("is the last one", self.ask("remove")["error"])
        again = self.ask("add", link=self.dir + "/again")
        self.assertEqual((again["name"], again["path"]), ("modem2", self.dir + "/again"))
        for fields, name in (({"profile": "no such"}, "neither a built-in profile"), ({"keys": {"x": 1}}, "x"),
                             ({"keys": {"a=b": 1}}, "add: there is no key 'a=b'"),
                             ({"keys": {"sim.pin": "1\n2"}}, "add: sim.pin: a value has no line end"),
                             ({"link": self.dir + "/no/such"}, "/no/such"), ({"link": 5}, "field 'link'")):
            self.assertIn(name, self.ask("add", **fields)["error"])
        self.at.alive()
        self.end()

    def test_many_modems(self):
        """As many as there may be; what is removed makes room."""
        peer = self.peer()
        names = [self.request(peer, b'{"verb":"add"}').get("name") for _ in range(63)]
        self.assertEqual(names[-1], "modem63")
        self.assertIn("64 modems", self.request(peer, b'{"verb":"add"}')["error"])
        for name in names:
            self.assertEqual(self.request(peer, json.dumps({"verb": "remove", "modem": name}).encode()), {})
        self.assertEqual(self.request(peer, b'{"verb":"add"}')["name"], "modem64")
        self.end()

    def test_power(self):
        boot = rb"^\r\nRDY\r\n\r\n\+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n"
        for action in ("reset", "cut"):
            with self.subTest(action):
                self.assertEqual(self.ask("power", action=action), {})
                self.at.until(boot)
                self.modem(self.running).alive()
        self.end()

    def test_which_modem(self):
        self.running.stop()
        sim = self.sim("--control", self.path, "--count", "2", ready=2)
        self.assertIn("modem0 to modem1", self.ask("power", action="cut")["error"])
        self.assertIn("modem0 to modem1", self.ask("power", action="cut", modem="modem2")["error"])
        self.assertEqual(self.ask("set", modem="modem1", keys={"signal.dbm": -51}), {})
        self.modem(sim, 0).ask("AT+CSQ", b"\r\n+CSQ: 16,99\r\n\r\nOK\r\n")
        self.modem(sim, 1).ask("AT+CSQ", b"\r\n+CSQ: 31,99\r\n\r\nOK\r\n")
        sim.stop()

    def test_list_of_three(self):
        self.running.stop()
        sim = self.sim("--control", self.path, "--count", "3", "--profile", "sim7600-async", ready=3)
        modems = self.request(self.peer(), b'{"verb":"list"}')["modems"]
        self.assertEqual([(m["name"], m["path"], m["profile"]) for m in modems],
                         [(f"modem{i}", sim.paths[i], "sim7600-async") for i in range(3)])
        sim.stop()

    def test_bad_requests(self):
        peer = self.peer()
        for line in (b"x", b"{", b"[]", b"null", b"{}", b'{"verb":1}', b'{"verb":"reboot"}', b'{"VERB":"list"}',
                     b"\x00", b"\xff\xfe", b'{"verb":"\xff"}', b'{"verb":"' + b"v" * 60000 + b'"}', b"[" * 60000,
                     b'{"verb":"list"} x', b'{"a":' * 5000, b"9" * 60000, b'"' + b"\\u0000" * 1000 + b'"'):
            with self.subTest(line[:20]):
                self.assertEqual(list(self.request(peer, line)), ["error"])
        self.assertIn("list", self.request(peer, b'{"verb":"reboot"}')["error"])
        self.assertIn("version", self.request(peer, b'{"verb":"version"}'))
        peer.sendall(b"\n\r\n\n")  # empty lines are nobody's request; CR alone is one
        self.assertEqual(list(self.answer(peer)), ["error"])
        self.end()

    def test_many_requests_in_one_packet_and_one_in_many(self):
        peer = self.peer()
        peer.sendall(b'{"verb":"version"}\n' * 100)
        got = b""
        while got.count(b"\n") < 100:
            got += peer.recv(65536)
        for byte in b'{"verb":"version"}\n':
            peer.sendall(bytes([byte]))
        self.assertIn("version", self.answer(peer))
        self.end()

    def test_half_a_line(self):
        half = self.peer()
        half.sendall(b'{"verb":')
        self.all_well()
        half.sendall(b'"version"}\n')
        self.assertIn("version", self.answer(half))
        half.sendall(b'{"verb":')
        self.end()

    def test_line_without_end(self):
        """10 MB without a line end: the peer is dropped at the limit, and nothing of it is kept."""
        before = self.running.rss()
        peer = self.peer()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            for _ in range(10):
                peer.sendall(b"x" * 1000000)
        longest = self.peer()
        self.assertEqual(list(self.request(longest, b"x" * LINE_MAX)), ["error"])
        longest.sendall(b"x" * (LINE_MAX + 1))
        self.assertEqual(self.answer(longest), {"error": "there are at most 65536 bytes in a line"})
        self.closed(longest)
        self.all_well()
        self.assertLess(self.running.rss(), before * 2)
        self.end()

    def test_peer_that_asks_and_never_reads(self):
        peer = self.peer()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            for _ in range(10000):
                peer.sendall(b'{"verb":"list"}\n' * 1000)
        self.all_well()
        self.end()

    def test_flood(self):
        """Ten peers ask as fast as they can, one of them nonsense; the modem answers AT all the while."""
        self.at.ok("ATE0")
        peers = [self.peer() for _ in range(10)]
        for _ in range(20):
            for n, peer in enumerate(peers):
                line = b'{"verb":"state"}' if n > 0 else b'{"verb":"set","keys":{"signal.dbm":[' + b"[" * 20
                peer.sendall((line + b"\n") * 20)
            self.at.ask("AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n")
            for n, peer in enumerate(peers):
                answers = self.lines_of(peer, 20)
                self.assertTrue(all(("error" if n == 0 else "state") in one for one in answers))
        self.all_well_with(peers[1])
        self.end()

    def lines_of(self, peer, n):
        got = b""
        while got.count(b"\n") < n:
            more = peer.recv(1 << 20)
            self.assertTrue(more, "closed instead of an answer")
            got += more
        return [json.loads(line) for line in got.splitlines()]

    def all_well_with(self, peer):
        self.at.alive()
        self.assertIn("version", self.request(peer, b'{"verb":"version"}'))

    def test_vanished_peers(self):
        for i in range(300):
            peer = self.peer()
            # one that comes before the last 16 were found to be gone is turned away
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.sendall(b'{"verb":"list"}\n' * (i % 3) + b"{" * (i % 2))
                if i % 4 == 0:
                    peer.shutdown(socket.SHUT_WR)
            peer.close()
        self.all_well()
        self.end()

    def test_too_many_peers(self):
        peers = [self.peer() for _ in range(16)]
        for peer in peers:
            self.request(peer, b'{"verb":"version"}')
        late = self.peer()
        self.assertEqual(self.answer(late), {"error": "there are at most 16 connections; close one first"})
        self.closed(late)
        self.at.alive()
        self.assertIn("version", self.request(peers[15], b'{"verb":"version"}'))
        peers[3].sendall(b"x" * (LINE_MAX + 1))
        self.assertIn("error", self.answer(peers[3]))
        self.closed(peers[3])
        self.all_well()
        self.end()

    def test_second_emulator_on_the_same_socket(self):
        self.refused(1, [self.path, "running program"], "--control", self.path, "--link", self.dir + "/other")
        self.all_well()
        self.running.kill()
        sim = self.sim("--control", self.path)
        self.assertIn("version", self.request(self.peer(), b'{"verb":"version"}'))
        sim.stop()
