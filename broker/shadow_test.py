#!/usr/bin/env python3
"""Device shadows through a running broker, seen by raw MQTT clients: the order on the wire, what the
policy allows, wills and retained requests, and what a folder of shadows keeps over a restart."""

import json
import os
import pathlib
import subprocess

from broker_kit import ARN, Client, DEADLINE, PINGREQ, run_tests, text

SHADOW = "$aws/things/thing1/shadow"
PUBACK = b"\x40\x02\x00\x07"
SUBACK = b"\x90\x03\x00\x09\x01"


def packet(kind, body):
    length, rest = b"", len(body)
    while True:
        length += bytes([rest % 128 | (0x80 if rest >= 128 else 0)])
        rest //= 128
        if rest == 0:
            return bytes([kind]) + length + body


def publish(topic, payload, qos=1, retain=False):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode() if payload else b""
    return packet(0x30 | qos << 1 | retain, text(topic) + (b"\0\x07" if qos else b"") + body)


class Peer(Client):
    """A client that reads whole packets and acknowledges what it gets."""

    def read(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            assert part, f"closed after {got!r}"
            got += part
        return got

    def next(self):
        """The bytes of the next packet; of a message (topic, JSON)."""
        kind = self.read(1)[0]
        length, shift, header = 0, 0, bytes([kind])
        while True:
            byte = self.read(1)[0]
            header += bytes([byte])
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        body = self.read(length)
        if kind & 0xF0 != 0x30:
            return header + body
        end = 2 + int.from_bytes(body[:2], "big")
        topic, rest = body[2:end].decode(), body[end:]
        if kind & 0x06:
            self.send(packet(0x40, rest[:2]))
            rest = rest[2:]
        return topic, json.loads(rest) if rest else None

    def listen(self, *filters):
        for topic_filter in filters:
            self.send(packet(0x82, b"\0\x09" + text(topic_filter) + b"\x01"))
            got = self.next()
            assert got == SUBACK, got
        return self

    def quiet(self):
        """Nothing more has come when the broker has answered a ping."""
        self.send(PINGREQ)
        got = self.next()
        assert got == b"\xd0\x00", got
        return self


def plain(broker, client_id="cloud"):
    return Peer(broker.plain_port).connect(client_id).accepted()


def thing(setup, broker, name="thing1"):
    return Peer(broker.port, setup.tls(name)).connect(name).accepted()


def shadow_policy(setup):
    own = "$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"
    return setup.policy(
        {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": ARN + "topic/" + own},
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": ARN + "topicfilter/" + own})


def test_the_acknowledgement_comes_first(setup):
    with setup.broker() as broker:
        client = plain(broker).listen(SHADOW + "/update/+", SHADOW + "/get/+")
        client.send(publish(SHADOW + "/update", {"state": {"desired": {"a": 1}}, "clientToken": "t"}))
        assert client.next() == PUBACK
        names = []
        for _ in range(3):
            topic, message = client.next()
            names.append(topic[len(SHADOW):])
            assert message["clientToken"] == "t", message
        assert names == ["/update/accepted", "/update/delta", "/update/documents"], names
        client.send(publish(SHADOW + "/get", None, qos=0))
        topic, message = client.next()
        assert topic == SHADOW + "/get/accepted", topic
        assert message["state"] == {"desired": {"a": 1}, "delta": {"a": 1}}, message
        client.send(publish(SHADOW + "/update", b"{"))
        assert client.next() == PUBACK
        assert client.next() == (SHADOW + "/update/rejected", {"code": 400, "message": "Invalid JSON"})
        assert broker.log.wait("aws-iot: shadow: rejected update of thing1 from client cloud: 400 Invalid JSON: "
                               "wrong from byte 2 of the payload on")
        client.quiet()


def test_the_policy_decides_over_both_ways(setup):
    with setup.broker("--policy", shadow_policy(setup)) as broker:
        one = thing(setup, broker).listen(SHADOW + "/update/accepted")
        two = thing(setup, broker, "thing2").listen("$aws/things/thing2/shadow/+/+")
        one.send(publish(SHADOW + "/update", {"state": {}}))
        assert one.next() == PUBACK
        assert one.next()[0] == SHADOW + "/update/accepted"
        two.quiet()
        two.send(publish(SHADOW + "/update", {"state": {}})).expect_end()
        assert broker.log.wait("refused iot:Publish on topic/$aws/things/thing1/shadow/update for thing thing2")
        # what only the service publishes, the policy allowing it
        for stub in ["/update/accepted", "/update/delta", "/name/n/get/rejected"]:
            peer = thing(setup, broker, "thing2")
            peer.send(publish("$aws/things/thing2/shadow" + stub, {"state": {}})).expect_end()
            assert broker.log.wait("only the Device Shadow service publishes there")
        one.quiet()


def test_without_receive_nothing_is_delivered(setup):
    own = SHADOW + "/*"
    policy = setup.policy({"Effect": "Allow", "Action": "iot:*", "Resource": "*"},
                          {"Effect": "Deny", "Action": "iot:Receive", "Resource": ARN + "topic/" + own})
    with setup.broker("--policy", policy) as broker:
        watcher = plain(broker).listen(SHADOW + "/update/accepted")
        one = thing(setup, broker).listen(SHADOW + "/update/accepted")
        one.send(publish(SHADOW + "/update", {"state": {}}))
        assert one.next() == PUBACK
        assert watcher.next()[0] == SHADOW + "/update/accepted"
        one.quiet()


def test_a_rejection_is_a_decision(setup):
    path = os.path.join(setup.tmp, "decisions")
    with setup.broker("--policy", shadow_policy(setup), "--decisions", path) as broker:
        watcher = plain(broker).listen("$aws-iot/decisions")
        one = thing(setup, broker).listen(SHADOW + "/name/n/update/rejected")
        one.send(publish(SHADOW + "/name/n/update", {"state": {}, "version": 3}))
        assert one.next() == PUBACK
        assert one.next()[1]["code"] == 409
        while True:
            seen = watcher.next()[1]
            if seen["source"] == "shadow":
                break
        one.send(publish(SHADOW + "/get/accepted", {})).expect_end()
        while watcher.next()[1].get("rule") != "RESERVED_TOPIC":
            pass
    with open(path, encoding="utf-8") as file:
        lines = [decision for decision in map(json.loads, file) if decision["source"] == "shadow"]
    assert lines[0] == seen and len(lines) == 2, lines
    assert lines[1]["resource"] == "topic/" + SHADOW + "/get/accepted", lines[1]
    assert len(seen.pop("certificateId")) == 64 and seen.pop("time_ms") > 0 and "version" in seen.pop("remedy")
    assert seen == {
        "source": "shadow", "decision": "deny", "clientId": "thing1", "thingName": "thing1",
        "action": "UpdateThingShadow", "resource": "topic/" + SHADOW + "/name/n/update", "rule": "ConflictException",
        "reason": "409 Version conflict: the request is for version 3, the shadow has version 0"}, seen


def test_a_will_is_no_request(setup):
    with setup.broker() as broker:
        watcher = plain(broker).listen(SHADOW + "/#")
        flags = 0x02 | 0x04
        will = Peer(broker.plain_port)
        will.send(packet(0x10, text("MQTT") + bytes([4, flags, 0, 60]) + text("leaves") + text(SHADOW + "/update")
                         + text(json.dumps({"state": {"reported": {"on": False}}})))).accepted()
        will.break_off()
        assert watcher.next()[0] == SHADOW + "/update"  # the message itself, as on any topic
        watcher.send(publish(SHADOW + "/get", None))
        got = [watcher.next() for _ in range(3)]
        assert (SHADOW + "/get/rejected", {"code": 404, "message": "No shadow exists with name: 'thing1'"}) in got, got


def test_a_request_is_not_retained(setup):
    with setup.broker() as broker:
        client = plain(broker).listen(SHADOW + "/update/accepted")
        client.send(publish(SHADOW + "/update", {"state": {}}, retain=True))
        assert client.next() == PUBACK
        assert client.next()[0] == SHADOW + "/update/accepted"
        plain(broker, "late").listen(SHADOW + "/#").quiet()


def test_a_request_with_qos_2(setup):
    """AWS has no QoS 2; on the plain port it works."""
    with setup.broker() as broker:
        client = plain(broker).listen(SHADOW + "/update/accepted")
        client.send(publish(SHADOW + "/update", {"state": {}}, qos=2)).expect(b"\x50\x02\x00\x07")
        assert client.next()[1]["version"] == 1
        client.send(b"\x62\x02\x00\x07").expect(b"\x70\x02\x00\x07").quiet()


def test_a_folder_keeps_shadows(setup):
    folder = os.path.join(setup.tmp, "shadows")
    with setup.broker("--state", folder) as broker:
        client = plain(broker).listen(SHADOW + "/update/accepted", SHADOW + "/name/+/+/accepted")
        for stub in ["/update", "/name/n:1/update", "/name/gone/update", "/name/gone/delete"]:
            client.send(publish(SHADOW + stub, {"state": {"reported": {"rgb": [1, 2]}}}))
            assert client.next() == PUBACK
            assert client.next()[0] == SHADOW + stub + "/accepted"
    names = sorted(os.listdir(folder))
    assert names == ["thing1.gone.json", "thing1.json", "thing1.n:1.json"], names
    assert os.stat(os.path.join(folder, "thing1.json")).st_mode & 0o777 == 0o600
    with setup.broker("--state", folder) as broker:
        client = plain(broker).listen(SHADOW + "/get/+", SHADOW + "/name/+/update/+")
        client.send(publish(SHADOW + "/get", None))
        assert client.next() == PUBACK
        message = client.next()[1]
        assert message["version"] == 1 and message["state"] == {"reported": {"rgb": [1, 2]}}, message
        client.send(publish(SHADOW + "/name/gone/update", {"state": {}}))
        assert client.next() == PUBACK
        assert client.next()[1]["version"] == 2


def test_a_damaged_file_is_left_alone(setup):
    folder = os.path.join(setup.tmp, "damaged")
    os.mkdir(folder)
    path = pathlib.Path(folder, "thing1.json")
    damaged = '{\n "state": {"desired": {}},\n "metadata": {}, "version": 0, "timestamp": 5\n}'
    path.write_text(damaged, encoding="utf-8")
    with setup.broker("--state", folder) as broker:
        client = plain(broker).listen(SHADOW + "/+/rejected", SHADOW + "/+/accepted")
        for stub in ["/get", "/update", "/delete"]:
            client.send(publish(SHADOW + stub, {"state": {}}))
            assert client.next() == PUBACK
            assert client.next() == (SHADOW + stub + "/rejected", {"code": 500, "message": "Internal service failure"})
            assert broker.log.wait(f"{path}:3:29: version must be a whole number from 1; the file was left as it is")
        assert path.read_text(encoding="utf-8") == damaged
        path.write_text(damaged.replace("0", "7"), encoding="utf-8")
        client.send(publish(SHADOW + "/update", {"state": {}, "version": 7}))
        assert client.next() == PUBACK
        assert client.next()[1]["version"] == 8
        # a file that cannot be written: the shadow stays what it was
        os.rename(folder, folder + ".away")
        client.send(publish(SHADOW + "/update", {"state": {"desired": {"a": 1}}}))
        assert client.next() == PUBACK
        assert client.next()[1]["code"] == 500
        assert broker.log.wait(f"cannot write {path}: No such file or directory")
        client.send(publish(SHADOW + "/get", None))
        assert client.next() == PUBACK
        message = client.next()[1]
        assert message["version"] == 8 and message["state"] == {}, message


def test_a_folder_that_cannot_be(setup):
    file = pathlib.Path(setup.tmp, "file")
    file.write_text("", encoding="utf-8")
    for folder in [str(file), str(file / "below")]:
        result = subprocess.run([setup.run, "--certs", setup.certs, "--state", folder], capture_output=True, text=True,
                                check=False, timeout=DEADLINE)
        assert result.returncode != 0 and folder in result.stderr, result.stderr


if __name__ == "__main__":
    run_tests(globals(), __doc__)
