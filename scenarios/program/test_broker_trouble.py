"""Brokers that are not there, speak something else, go away at any byte, or send what no broker may. Each gets the
modem's own code, and the modem lives on."""
import itertools
import os
import random
import socket
import ssl
import threading

import kit
import peers

REFUSED, RECEIVE, MALFORMED, CLOSED, HANDSHAKE = 3, 6, 24, 26, 32
AWS = "xxxx-ats.iot.eu-west-1.amazonaws.com"


class Relay(peers.Peer):
    """Between the modem and a server: passes on at most 'limit' bytes of the server, then closes or resets."""

    def __init__(self, case, server):
        self.server, self.limit, self.hard, self.passed = server, None, False, 0
        super().__init__(case, self.relay)

    def relay(self, connection):
        with socket.create_connection(("127.0.0.1", self.server.port), kit.DEADLINE) as server:
            up = threading.Thread(target=self.pump_up, args=(connection, server), daemon=True)
            up.start()
            self.passed = 0
            while self.limit is None or self.passed < self.limit:
                room = 65536 if self.limit is None else self.limit - self.passed
                data = server.recv(room)
                if not data:
                    break
                connection.sendall(data)
                self.passed += len(data)
            # Wakes the other thread: while that is inside recv(), close() would send nothing.
            connection.shutdown(socket.SHUT_RD if self.hard else socket.SHUT_RDWR)
            up.join(kit.DEADLINE)
            if self.hard:
                peers.reset(connection)

    @staticmethod
    def pump_up(connection, server):
        try:
            while data := connection.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Trouble(kit.Case):
    def start(self, *args, tls=False, settings=()):
        self.running = self.sim(*args)
        modem = self.modem(self.running)
        modem.start_mqtt(tls, settings)
        return modem

    def tls_server(self, handler, **options):
        """A TLS server whose handler gets the encrypted connection."""
        peers.make_certificate(self.dir, "server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.dir + "/server.crt", self.dir + "/server.key")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        for name, value in options.items():
            setattr(context, name, value)
        self.context = context
        return peers.Peer(self, lambda c: handler(context.wrap_socket(c, server_side=True)))

    def nobody(self):
        """An address of loopback at which nobody listens."""
        listener = socket.create_server(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        listener.close()
        return address


class Connect(Trouble):
    def test_nobody_listens(self):
        modem = self.start()
        self.assertEqual(modem.connect(self.nobody()), REFUSED)
        modem.alive()
        self.running.stop()

    def test_server_that_speaks_no_tls(self):
        modem = self.start(tls=True)
        for words in (b"220 mail.example.com ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", peers.CONNACK * 10,
                      bytes(1000), b"\x16\x03\x03\xff\xff" + b"x" * 70000, b"\x15\x03\x03\x00\x02\x02\x28"):
            def speak(c, words=words):
                c.recv(4096)
                c.sendall(words)
                c.recv(4096)

            with self.subTest(words[:10]):
                self.assertEqual(modem.connect(peers.Peer(self, speak).address), HANDSHAKE)
                modem.alive()
        self.running.stop()

    def test_closed_without_a_byte(self):
        for tls, code in ((True, CLOSED), (False, RECEIVE)):
            modem = self.start(tls=tls)
            self.assertEqual(modem.connect(peers.Peer(self, lambda c: c.recv(4096)).address), code)
            self.assertEqual(modem.connect(peers.Peer(self, peers.reset).address), CLOSED)
            modem.alive()
            self.running.stop()

    def test_tls_server_that_goes_at_any_byte(self):
        relay = Relay(self, self.tls_server(peers.answers))
        modem = self.start(tls=True)
        self.assertEqual(modem.connect(relay.address), 0)
        whole = relay.passed - 8  # an ECDSA signature is a few bytes longer or shorter each time
        modem.send(b"AT+CMQTTDISC=0,60\r")
        modem.until(rb"\+CMQTTDISC: 0,0\r\n")
        self.assertGreater(whole, 500)
        for relay.limit in (*range(0, whole, whole // 24), *range(whole - 20, whole)):
            for relay.hard in (False, True):
                with self.subTest(limit=relay.limit, reset=relay.hard):
                    self.assertIn(modem.connect(relay.address), (CLOSED,) if relay.hard else (CLOSED, RECEIVE))
        modem.alive()
        self.running.stop()

    def test_connack_that_ends_at_any_byte(self):
        modem = self.start()
        for n in range(4):
            def cut(c, n=n):
                peers.packet(c)
                c.sendall(peers.CONNACK[:n])

            self.assertEqual(modem.connect(peers.Peer(self, cut).address), RECEIVE)
        modem.alive()
        self.running.stop()

    def test_client_certificate_asked_for_and_not_given(self):
        """As AWS IoT: the TLS 1.2 handshake ends well, and then the server just closes."""
        def close(c):
            self.assertIsNone(c.getpeercert())
            self.heard = peers.packet(c)[0] if self.reads else None
            if self.notifies:
                c.unwrap()

        server = self.tls_server(close, verify_mode=ssl.CERT_OPTIONAL)
        self.context.load_verify_locations(self.dir + "/server.crt")
        modem = self.start(tls=True)
        modem.upload("cacert.pem", kit.content(self.dir + "/server.crt"))
        modem.ok('AT+CSSLCFG="cacert",0,"cacert.pem"')
        for authmode, self.reads, self.notifies in itertools.product((0, 1), (True, False), (True, False)):
            with self.subTest(authmode=authmode, reads=self.reads, close_notify=self.notifies):
                modem.ok(f'AT+CSSLCFG="authmode",0,{authmode}')
                self.assertEqual(modem.connect(server.address), CLOSED)
        # The same server with nothing to ask for: the peer has read the CONNECT and closes, code 6.
        self.context.verify_mode = ssl.CERT_NONE
        self.reads, self.notifies = True, False
        self.assertEqual(modem.connect(server.address), RECEIVE)
        self.assertEqual(self.heard, 0x10)
        modem.alive()
        self.running.stop()

    def test_malformed_connack(self):
        modem = self.start()
        for data, code in (
                (b"\x20\x02\x00\x01", 27), (b"\x20\x02\x00\x05", 31),
                (b"\x20\x02\x00\x06", MALFORMED), (b"\x20\x03\x00\x00\x00", MALFORMED), (b"\x20\x00", MALFORMED),
                (b"\x21\x02\x00\x00", MALFORMED), (b"\x20\x02\x02\x00", MALFORMED), (b"\x20\x02\x01\x00", MALFORMED),
                (b"\x00\x00", MALFORMED), (b"\xF0\x00", MALFORMED), (b"\x10\x00", MALFORMED),
                (b"\x30\x03\x00\x01a", MALFORMED), (b"\x90\x03\x00\x01\x00", MALFORMED), (b"\xD0\x00", MALFORMED),
                (b"\x20\xff\xff\xff\xff\xff", MALFORMED), (b"\x20\xff\xff\xff\x7f", MALFORMED),
                (b"HTTP/1.1 200 OK\r\n\r\n", MALFORMED), (bytes(range(256)) * 400, MALFORMED)):
            def speak(c, data=data):
                peers.packet(c)
                c.sendall(data)
                c.recv(1)

            with self.subTest(data[:20]):
                self.assertEqual(modem.connect(peers.Peer(self, speak).address), code)
        modem.alive()
        self.running.stop()

    def test_random_bytes(self):
        chance = random.Random(7600)
        modem = self.start()

        def speak(c):
            peers.packet(c)
            c.sendall(chance.choice((b"", b"\x20")) + chance.randbytes(chance.randrange(1, 3000)))

        peer = peers.Peer(self, speak)
        for _ in range(100):
            self.assertNotEqual(modem.connect(peer.address), 0)
        modem.alive()
        self.running.stop()

    def test_failed_connects_leave_no_memory(self):
        def nonsense(c):
            c.recv(4096)
            c.sendall(b"\x16\x03\x03\x00\x04nope")

        def cut(c):
            peers.packet(c)
            c.sendall(b"\x20")

        relay = Relay(self, self.tls_server(peers.answers))
        relay.limit = 600  # in the middle of the handshake
        sims = [self.sim("--link", self.dir + name) for name in ("/a", "/b")]
        secure, plain = [self.modem(sim) for sim in sims]
        secure.start_mqtt(True)
        plain.start_mqtt(False)
        dials = ((secure, peers.Peer(self, nonsense).address), (secure, relay.address), (secure, self.nobody()),
                 (plain, peers.Peer(self, cut).address), (plain, self.nobody()))
        for i in range(80):  # 5 failures each: 100 to warm up, then 300
            for modem, address in dials:
                self.assertNotEqual(modem.connect(address), 0)
            if i == 19:
                before = [(sim.rss(), sim.descriptors()) for sim in sims]
        for sim, (pages, descriptors) in zip(sims, before):
            self.assertLess(sim.rss(), pages * 1.5)
            self.assertLess(sim.descriptors(), descriptors + 10)
        for sim, modem in zip(sims, (secure, plain)):
            modem.alive()
            sim.stop()


class Connected(Trouble):
    """What a broker that was good at first may do."""

    def connected(self, then, tls=False):
        """A modem connected to a broker that accepts, and then runs then(connection)."""
        def broker(c):
            peers.packet(c)
            c.sendall(peers.CONNACK)
            then(c)

        peer = self.tls_server(broker) if tls else peers.Peer(self, broker)
        modem = self.start(tls=tls)
        self.assertEqual(modem.connect(peer.address), 0)
        return modem

    def test_acknowledgements_that_end_at_any_byte(self):
        """SUBACK, UNSUBACK and PUBACK: result 6, then the connection is lost."""
        reply = {8: lambda body: b"\x90\x03" + body[:2] + b"\x00", 10: lambda body: b"\xB0\x02" + body[:2],
                 3: lambda body: b"\x40\x02" + body[7:9]}
        for (name, command, kind, size), n in itertools.product(
                (("SUB", "AT+CMQTTSUB=0,5,1", 8, 5), ("UNSUB", "AT+CMQTTUNSUB=0,5,0", 10, 4),
                 ("PUB", "AT+CMQTTPUB=0,1,60", 3, 4)), range(5)):
            if n >= size:
                continue

            def then(c, n=n, kind=kind):
                first, body = peers.packet(c)
                self.assertEqual(first >> 4, kind)
                c.sendall(reply[kind](body)[:n])

            with self.subTest(name, bytes=n):
                modem = self.connected(then)
                if name == "PUB":
                    modem.ask("AT+CMQTTTOPIC=0,5", b"\r\n>")
                    modem.send(b"topic")
                    modem.until(rb"^\r\nOK\r\n")
                    modem.send(command.encode() + b"\r")
                else:
                    modem.ask(command, b"\r\n>")
                    modem.send(b"topic")
                got = modem.until(rb"\+CMQTTCONNLOST: 0,1\r\n")
                self.assertEqual(got, f"\r\n+CMQTT{name}: 0,6\r\n\r\nERROR\r\n\r\n+CMQTTCONNLOST: 0,1\r\n".encode())
                modem.alive()
                self.running.stop()

    def test_packets_no_broker_may_send(self):
        for data in (b"\x00\x00", b"\x10\x00", b"\xF0\x00", b"\x82\x05\x00\x01\x00\x00\x00", b"\xC0\x00", b"\xE0\x00",
                     b"\x20\x02\x00\x00", b"\x36\x05\x00\x01a\x00\x01", b"\x30\x02\x00\x09", b"\x30\x00",
                     b"\x32\x03\x00\x01a", b"\x32\x05\x00\x01a\x00\x00", b"\x40\x02\x00\x00", b"\x40\x03\x00\x01\x00",
                     b"\x30\x04\x00\x01\x00x", b"\x30\xff\xff\xff\xff\x7f", b"\xD0\x01\x00", b"\x60\x02\x00\x01",
                     b"\x90\x02\x00\x01", b"\xB0\x01\x00", bytes(range(256)) * 40):
            with self.subTest(data[:12]):
                modem = self.connected(lambda c, data=data: (c.sendall(data), c.recv(1)))
                self.assertEqual(modem.until(rb"\+CMQTTCONNLOST: 0,\d\r\n")[:17], b"\r\n+CMQTTCONNLOST:")
                modem.alive()
                self.running.stop()

    def test_packets_that_are_harmless(self):
        """Stray acknowledgements, a message nobody asked for, and one of every size."""
        sizes, done = (0, 1, 1499, 1500, 1501, 10240), threading.Event()

        def then(c):
            c.sendall(b"\xD0\x00\x40\x02\x00\x07\x62\x02\x00\x07")
            for n in sizes:
                length = n + 3
                c.sendall(b"\x30" + bytes((length & 127 | 128, length >> 7)) + b"\x00\x01a" + b"p" * n)
            done.wait(kit.DEADLINE)

        modem = self.connected(then)
        for n in sizes:
            got = modem.until(rb"\+CMQTTRXEND: 0\r\n")
            self.assertTrue(got.startswith(f"\r\n+CMQTTRXSTART: 0,1,{n}\r\n".encode()), got[:60])
            self.assertEqual(got.count(b"p"), n)
        modem.alive()
        done.set()
        modem.until(rb"CONNLOST: 0,\d\r\n")
        self.running.stop()

    def test_message_larger_than_memory(self):
        """250 MB announced, 30 MB sent: not kept, and the connection ends or goes on, but the modem answers."""
        def then(c):
            c.sendall(b"\x30\xff\xff\xff\x7f\x00\x01a")
            for _ in range(30):
                c.sendall(bytes(1000000))

        modem = self.connected(then)
        before = self.running.rss()
        modem.until(rb"\+CMQTTCONNLOST: 0,\d\r\n")
        modem.alive()
        self.assertLess(self.running.rss(), before * 2)
        self.running.stop()

    def test_broken_tls_record(self):
        def then(c):
            raw = socket.socket(fileno=os.dup(c.fileno()))
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            raw.close()
            c.recv(1)

        modem = self.connected(then, tls=True)
        modem.until(rb"\r\n\+CMQTTCONNLOST: 0,\d\r\n")
        modem.alive()
        self.running.stop()

    def test_reset_and_close(self):
        for end, code in ((peers.reset, 2), (lambda c: None, 1)):
            modem = self.connected(end)
            self.assertEqual(modem.until(rb"CONNLOST: 0,\d\r\n"), b"\r\n+CMQTTCONNLOST: 0,%d\r\n" % code)
            modem.alive()
            self.running.stop()


class ConnectTo(Trouble):
    def test_rules(self):
        """The first rule that matches counts; empty parts match any or stay; names are compared without case."""
        hits = []
        ports = [peers.Peer(self, lambda c, i=i: (hits.append(i), peers.answers(c))).port for i in range(4)]
        modem = self.start("--connect-to", f"{AWS}:8883:127.0.0.1:{ports[0]}",
                           "--connect-to", f":1999:127.0.0.1:{ports[1]}",
                           "--connect-to", f"other.example:::{ports[2]}",
                           "--connect-to", f"other.example::127.0.0.1:{ports[3]}",
                           "--connect-to", "third.example::127.0.0.1:")
        for address, expected in ((AWS + ":8883", 0), (AWS.upper() + ":8883", 0), ("any.example:1999", 1),
                                  (f"127.0.0.1:{ports[2]}", 2), (f"third.example:{ports[3]}", 3)):
            with self.subTest(address):
                self.assertEqual(modem.connect(address), 0)
                self.assertEqual(hits.pop(), expected)
                modem.send(b"AT+CMQTTDISC=0,60\r")
                modem.until(rb"\+CMQTTDISC: 0,0\r\n")
        self.running.stop()

    def test_server_name_stays_the_real_one(self):
        names = []
        server = self.tls_server(peers.answers)
        self.context.sni_callback = lambda connection, name, context: names.append(name)
        modem = self.start("--connect-to", f"::127.0.0.1:{server.port}", tls=True)
        for sni, expected in ((1, AWS), (0, None)):
            modem.ok(f'AT+CSSLCFG="enableSNI",0,{sni}')
            self.assertEqual(modem.connect(AWS + ":8883"), 0)
            modem.send(b"AT+CMQTTDISC=0,60\r")
            modem.until(rb"\+CMQTTDISC: 0,0\r\n")
            self.assertEqual(names.pop(), expected)
        self.running.stop()
