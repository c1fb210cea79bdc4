"""--trace: JSON Lines of all that happens, and nothing that is secret."""
import json
import os
import ssl
import subprocess

import kit
import peers

PASSWORDS = {name: f"{name}-geheim-{number}" for number, name in enumerate(
    ("mqtt", "mqtt2", "keypwd", "typo", "unbalanced", "unquoted", "index", "many", "scheme", "clck", "keypwd2"), 4711)}
PINS = ("80154711", "80254712", "80354713", "80454714", "80554715", "80654716", "80754717")
# Base64 that looks like commands to a line reader, wherever it begins to read.
MADE_UP_KEY = b"-----BEGIN EC " + b"PRIVATE KEY-----\n" + b"\n".join((
    b"MHcCAQEEIAT+CSQkq8vZ3mWATI1xLhs0cAT+CPIN5pZsWw3aTg7uE9tFATEoAoGC",
    b"AT0CgYBAT1Zf2q8atS0yN4kAT8s7dvLmq5Xo2QatDJrK3wATH9cBnVtYuPlMeRiO",
    b"ATS3AgMBAAECgYAT2mKp9sLx7QvATZ0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456",
    b"MIIBVgATDq9Zk3xVb7NmQw2ErTyUiOpAsDfGhJkLzXcVbNm5aTdK8yRnWe4UjHs1")) + b"\n-----END EC PRIVATE KEY-----\n"


class Trace(kit.Case):
    def setUp(self):
        super().setUp()
        self.path = self.dir + "/trace"

    def events(self):
        lines = kit.content(self.path).split(b"\n")
        self.assertEqual(lines.pop(), b"")
        events = [json.loads(line) for line in lines]
        for e in events:
            self.assertEqual(list(e)[:3], ["t", "modem", "event"])
        self.assertEqual([e["t"] for e in events], sorted(e["t"] for e in events))
        return events

    def texts(self, number, who):
        return [e["text"] for e in self.events() if e["event"] == "at" and (e["modem"], e["from"]) == (number, who)]

    def test_two_modems_in_one_trace(self):
        sim = self.sim("--trace", self.path, "--count", "2", ready=2)
        self.modem(sim, 0).final("AT+CSQ")
        self.modem(sim, 1).final("AT+CGMI")
        sim.stop()
        self.assertEqual(self.texts(0, "host"), ["ATE0", "AT+CSQ"])
        self.assertEqual(self.texts(1, "host"), ["ATE0", "AT+CGMI"])
        self.assertEqual(self.texts(1, "modem"), ["OK", "SIMCOM INCORPORATED", "OK"])

    def test_any_bytes(self):
        sim = self.sim("--trace", self.path)
        modem = self.modem(sim)
        modem.send(bytes(range(1, 13)) + b"\r")  # no command
        for line in (b'AT+"\\', b"AT\xff\xfe+\xc3", "AT+\u00e4\u20ac".encode(), b"AT+" + b"\x00" * 9,
                     b"AT+" + b"x" * 5000):
            modem.send(line + b"\r")
            self.assertEqual(modem.until(rb"\r\n(ERROR|\+CME ERROR[^\r]*)\r\n")[:2], b"\r\n")
        sim.stop()
        self.assertGreater(len(self.events()), 10)

    def test_an_earlier_trace_is_replaced(self):
        for _ in range(2):
            sim = self.sim("--trace", self.path)
            self.modem(sim)
            sim.stop()
        self.assertEqual(self.texts(0, "host"), ["ATE0"])
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)

    def test_trace_that_cannot_be_written_any_more(self):
        sim = self.sim("--trace", "/dev/full")
        modem = self.modem(sim)
        modem.alive()
        sim.stop()
        self.assertEqual(sim.words().count("the trace ends here"), 1)

    def test_secrets(self):
        peers.make_certificate(self.dir, "server")
        peers.make_certificate(self.dir, "client")
        key, locked = kit.content(self.dir + "/client.key"), self.dir + "/locked.key"
        subprocess.run(["openssl", "ec", "-aes256", "-in", self.dir + "/client.key", "-out", locked, "-passout",
                        "pass:" + PASSWORDS["keypwd"]], check=True, capture_output=True, timeout=kit.DEADLINE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.dir + "/server.crt", self.dir + "/server.key")
        context.load_verify_locations(self.dir + "/client.crt")
        context.verify_mode = ssl.CERT_REQUIRED
        seen = []
        broker = peers.Peer(self, lambda c: peers.answers(context.wrap_socket(c, server_side=True), seen))
        sim = self.sim("--trace", self.path)
        modem = self.modem(sim)
        self.session(modem, broker.address, locked)
        self.wrong_commands(modem, broker.address)
        keys = (key, kit.content(locked), MADE_UP_KEY)
        self.files_on_the_terminal(modem, *keys)
        sim.stop()
        self.assertIn(PASSWORDS["mqtt"].encode(), seen[0][1])  # it was used
        self.no_secret_in(kit.content(self.path), *keys)
        self.no_secret_in(sim.words().encode(), *keys)
        text = kit.content(self.path).decode()
        for word in ("handshake done", "+CMQTTCONNECT: 0,0", "mqtt.operation", "visible topic", "visible payload"):
            self.assertIn(word, text)

    def session(self, modem, address, locked):
        modem.upload("cacert.pem", kit.content(self.dir + "/server.crt"))
        modem.upload("clientcert.pem", kit.content(self.dir + "/client.crt"))
        modem.upload("clientkey.pem", kit.content(locked))
        modem.start_mqtt(True, ('"authmode",0,2', '"cacert",0,"cacert.pem"', '"clientcert",0,"clientcert.pem"',
                                '"clientkey",0,"clientkey.pem"', f'"keypwd",0,"{PASSWORDS["keypwd"]}"'))
        modem.final("AT+CSSLCFG?")
        self.assertEqual(modem.connect(address, f',"user","{PASSWORDS["mqtt"]}"'), 0)
        self.assertIn(PASSWORDS["mqtt"].encode(), modem.final("AT+CMQTTCONNECT?"))  # the client itself may see it
        for command, data in (("AT+CMQTTTOPIC=0,13", b"visible topic"), ("AT+CMQTTPAYLOAD=0,15", b"visible payload")):
            modem.ask(command, b"\r\n>")
            modem.send(data)
            modem.until(rb"^\r\nOK\r\n")
        modem.send(b"AT+CMQTTPUB=0,1,60\r")
        modem.until(rb"\+CMQTTPUB: 0,0\r\n")
        modem.send(b"AT+CMQTTDISC=0,60\r")
        modem.until(rb"\+CMQTTDISC: 0,0\r\n")

    def wrong_commands(self, modem, address):
        p, url = PASSWORDS, f'"tcp://{address}"'
        for command in (
                f'AT+CMQTTCONECT=0,{url},60,1,"user","{p["typo"]}"',
                f'AT+CMQTTCONNECT=0,{url},60,1,"user","{p["unbalanced"]}',
                f'AT+CMQTTCONNECT=0,{url},60,1,user,{p["unquoted"]},x',
                f'AT+CMQTTCONNECT=2,{url},60,1,"user","{p["index"]}"',
                f'AT+CMQTTCONNECT=0,{url},60,1,"user","{p["many"]}",1,2,3',
                f'AT+CMQTTCONNECT=0,"mqtt://x",60,1,"user","{p["scheme"]}"',
                f'at + cmqttconnect = 0 , {url} , 60 , 1 , "user" , "{p["mqtt2"]}" ,',
                f'AT+CLCK="SC",1,"{p["clck"]}"',
                f'AT+CSSLCFG="keypasswd",0,"{p["keypwd2"]}"',
                f'AT+CSSLCFG="keypwd",10,"{p["keypwd2"]}"',
                f'AT+CSQ;+CSSLCFG="keypwd",0,"{p["keypwd2"]};+CSQ',
                f"AT+CPIN={PINS[0]}", f'AT+CPIN="{PINS[1]}","{PINS[2]}"', f"AT+CPIN{PINS[3]}", f"AT+CPIN:{PINS[4]}",
                f'AT+CPWD="SC","{PINS[5]}","{PINS[6]}"'):
            modem.final(command)

    def files_on_the_terminal(self, modem, *keys):
        """A key where no data is expected: the prompt was refused, or the length was too short. In both, text of
        the key reaches the line reader, which looks for "AT" anywhere; even "PRIVATE" has one."""
        for key in keys:
            typed = key.replace(b"\n", b"\r\n") + b"\r\n"
            modem.final('AT+CCERTDOWN="clientkey.pem",99999')
            modem.send(typed)
            self.still_answers(modem)
            modem.ask('AT+CCERTDOWN="clientkey.pem",40', b"\r\n>")
            modem.send(typed)
            self.still_answers(modem)
            modem.ask(f'AT+CCERTDOWN="clientkey.pem",{len(key)}', b"\r\n>")
            modem.send(key + b"\x1a\r\n")
            self.still_answers(modem)

    def still_answers(self, modem):
        modem.send(b"AT+CGMM\r")
        modem.until(rb"SIMCOM_SIM7600G-H\r\n\r\nOK\r\n")

    def no_secret_in(self, text, *keys):
        for secret in (*PASSWORDS.values(), *PINS):
            self.assertNotIn(secret.encode(), text)
        for key in keys:
            for line in key.splitlines():
                if not line.startswith(b"-----"):
                    for i in range(len(line) - 11):
                        self.assertNotIn(line[i:i + 12], text)
