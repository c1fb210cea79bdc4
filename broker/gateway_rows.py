"""AWS IoT Core's rules on packets and TLS as a raw client of broker/run sees them; tests of broker_test.py."""

import json
import os
import socket
import ssl

from broker_kit import (
    Broker, Client, DEADLINE, DISCONNECT, PINGREQ, PUBACK, SUBACK, observer, packet, publish, subscribe, text)

ALL = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


def subscribe_to(*filters):
    return packet(0x82, b"\0\x09" + b"".join(text(name) + b"\1" for name in filters))


def decisions(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def connected(setup, broker, **options):
    return Client(broker.port, setup.tls()).connect("thing1", **options).accepted()


def test_broken_rules_close_without_a_word(setup):
    path = os.path.join(setup.tmp, "rules.jsonl")
    with setup.broker("--policy", setup.policy(ALL), "--decisions", path) as broker:
        watcher = observer(broker)
        for request, rule, words in [
                (publish("a/" * 8 + "b", "x", qos=1), "CLIENT_ERROR", "at most 7 slashes; this one has 8"),
                (publish("t" * 257, "x"), "CLIENT_ERROR", "at most 256 bytes; this one has 257"),
                (publish("a/+", "x"), "CLIENT_ERROR", "no wildcard"),
                (publish("$SYS/x", "x"), "AUTH_ERROR", "reserved"),
                (publish("big", "x" * 131073), "CLIENT_ERROR", "128 KB"),
                (bytes([0x30, 0x80, 0x80, 0x80, 0x05]), "CLIENT_ERROR", "128 KB"),
                (subscribe_to(*(f"f{i}" for i in range(9))), "CLIENT_ERROR", "at most 8 topic filters"),
                (packet(0x8A, b"\0\x09" + text("a") + b"\1"), "CLIENT_ERROR", "DUP flag"),
                (packet(0x10, text("MQTT") + b"\4\2\0\0" + text("again")), "CLIENT_ERROR", "one CONNECT"),
                (b"\0\0", "CLIENT_ERROR", "malformed"),
                (packet(0x20, b"\0\0"), "CLIENT_ERROR", "a packet of the broker")]:
            connected(setup, broker).send(request).expect_end()
            last = [d for d in decisions(path) if d["source"] == "gateway" and d["decision"] == "close"][-1]
            assert last["rule"] == rule and words in last["reason"] and last["remedy"], last
            assert len(last["certificateId"]) == 64 and last["clientId"] == "thing1", last
        client = connected(setup, broker)
        client.send(publish("a/" * 7 + "b", "y", qos=1)).expect(PUBACK)
        watcher.expect(publish("a/" * 7 + "b", "y", qos=1)[:20])  # the first message it ever gets
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_connect_rules(setup):
    with setup.broker("--policy", setup.policy(ALL)) as broker:
        for client_id in ["", "i" * 129]:
            Client(broker.port, setup.tls()).connect(client_id).expect_end()
        Client(broker.port, setup.tls()).connect("i" * 128).accepted().alive()
        Client(broker.port, setup.tls()).send(PINGREQ).expect_end()
        client = Client(broker.port, setup.tls()).connect("id", level=5)
        client.expect(packet(0x20, b"\0\1")).expect_end()
        assert broker.log.wait("protocol level 5")
        # MQTT 3.1 is taken, and so is a CONNECT that comes byte by byte
        body = text("MQIsdp") + b"\3\2\0\x3c" + text("old")
        client = Client(broker.port, setup.tls())
        for byte in packet(0x10, body):
            client.send(bytes([byte]))
        client.accepted().alive()


def test_subscriptions(setup):
    with setup.broker("--policy", setup.policy(ALL)) as broker:
        client = connected(setup, broker)
        for i in range(50):
            client.send(subscribe(f"f{i}")).expect(SUBACK)
        client.send(subscribe("f0")).expect(SUBACK).alive()
        client.send(subscribe("one/more")).expect_end()
        assert broker.log.wait("at most 50 subscriptions")


def test_qos_2(setup):
    with setup.broker("--policy", setup.policy(ALL)) as broker:
        client = connected(setup, broker)
        client.send(publish("a", "x", qos=2)).send(subscribe("a", qos=2)).alive()
    with setup.broker("--policy", setup.policy(ALL), "--qos2", "close") as broker:
        connected(setup, broker).send(publish("a", "x", qos=2)).expect_end()
        connected(setup, broker).send(subscribe("a", qos=2)).expect_end()


def test_retained_messages_and_filters(setup):
    with setup.broker("--policy", setup.policy(ALL)) as broker:
        source = Client(broker.plain_port).connect("source").accepted()
        source.send(publish("k/a", "kept", qos=1, retain=True)).expect(PUBACK)
        client = connected(setup, broker).send(subscribe("k/+", qos=0)).expect(packet(0x90, b"\0\x09\0"))
        client.alive()  # nothing came before the answer
        client.send(subscribe("k/a", qos=0)).expect(packet(0x90, b"\0\x09\0") + publish("k/a", "kept", retain=True))


def test_throttles(setup):
    with setup.broker("--policy", setup.policy(ALL), "--throttle", "on") as broker:
        client = connected(setup, broker)
        client.send(publish("a", "x", qos=1) * 150)
        for _ in range(100):
            client.expect(PUBACK)
        client.alive()
        assert broker.log.wait("100 messages in a second")
        Client(broker.port, setup.tls()).connect("thing1").expect_end()
        assert broker.log.wait("once in a second")
        client.alive()


def test_keep_alive(setup):
    path = os.path.join(setup.tmp, "keep-alive.jsonl")
    with setup.broker("--time-percent", "1", "--decisions", path) as broker:
        connected(setup, broker, keep_alive=5).expect_end()
        last = decisions(path)[-1]
        assert last["rule"] == "MQTT_KEEP_ALIVE_TIMEOUT" and "5 s, AWS takes that as 30 s" in last["reason"], last


def test_duplicate_client_id(setup):
    with setup.broker() as broker:
        first = connected(setup, broker, will="thing1/will")
        second = connected(setup, broker)
        first.expect_end()
        assert broker.log.wait("has taken this one's place")
        second.alive()


def test_sni_and_alpn(setup):
    with setup.broker("--sni", "required", "--alpn-port", "0") as broker:
        connected(setup, broker).alive()
        for port, name, words in [(broker.port, None, "names no server"),
                                  (broker.alpn_port, "localhost", "it offers no ALPN")]:
            context = setup.tls()
            context.check_hostname = False
            try:
                Client(port, context, name)
                raise AssertionError(f"taken without {words}")
            except ssl.SSLError:
                assert broker.log.wait(words)
        context = setup.tls()
        context.set_alpn_protocols(["x-amzn-mqtt-ca"])
        client = Client(broker.alpn_port, context).connect("thing1").accepted()
        assert client.socket.selected_alpn_protocol() == "x-amzn-mqtt-ca"


def test_alerts_are_explained(setup):
    with setup.broker() as broker:
        context = ssl.create_default_context()  # trusts other CAs
        try:
            Client(broker.port, context)
            raise AssertionError("an unknown CA was trusted")
        except ssl.SSLError:
            assert broker.log.wait("does not trust our server certificate")
        with socket.create_connection(("127.0.0.1", broker.port), DEADLINE) as plain:
            plain.sendall(packet(0x10, text("MQTT") + b"\4\2\0\x3c" + text("plain")))
            while plain.recv(100):
                pass
        assert broker.log.wait("The TLS connection broke down")
        with socket.create_connection(("127.0.0.1", broker.port), DEADLINE):
            pass
        assert broker.log.wait("closed the connection within the TLS handshake")


def test_identity_on_the_plain_port_is_nothing(setup):
    """A user name like the gateway's makes nobody a thing."""
    with setup.broker() as broker:
        body = text("MQTT") + b"\4\xc2\0\x3c" + text("x") + text("aws-iot/" + "0" * 64) + text("AAAA")
        Client(broker.plain_port).send(packet(0x10, body)).accepted().alive()


def test_a_slow_reader_and_a_flood(setup):
    """More than the sockets hold; whoever does not read gets it later, and others are served."""
    with setup.broker("--policy", setup.policy(ALL)) as broker:
        slow = connected(setup, broker).send(subscribe("flood", qos=1)).expect(SUBACK)
        source = Client(broker.plain_port).connect("source").accepted()
        message = publish("flood", "x" * 100000)
        source.send(message * 80).alive()
        Client(broker.port, setup.tls("thing2")).connect("other").accepted().alive()
        for _ in range(10):
            slow.expect(message)
        slow.break_off()
        # a client that sends much and then ends: all of it arrives
        watcher = observer(broker, "out")
        client = Client(broker.port, setup.tls("thing2")).connect("thing2").accepted()
        client.send(publish("out", "x" * 50000) * 60 + DISCONNECT)
        for _ in range(60):
            watcher.expect(publish("out", "x" * 50000))


def test_the_gateway_ends_with_mosquitto(setup):
    broker = Broker(setup, "--certs", setup.certs).ready()
    client = connected(setup, broker)
    for pid in broker.children("mosquitto"):
        os.kill(pid, 9)
    client.expect_end()
    broker.ended(1)
    broker = Broker(setup, "--certs", setup.certs).ready()
    for pid in broker.children("aws-iot-gateway"):
        os.kill(pid, 9)
    assert any("the gateway ended by itself" in line for line in broker.ended(1))


TESTS = {name: value for name, value in globals().items() if name.startswith("test_")}
