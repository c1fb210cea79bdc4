#!/usr/bin/env python3
"""What a policy, the registry and their reload do to clients of broker/run, byte by byte; and what the broker
tells of its decisions."""

import json
import os
import pathlib
import signal
import tempfile
import time

from broker_kit import (
    ARN, Broker, Client, PUBACK, observer, packet, processes_of, publish, run_tests, subscribe)


def decisions_of(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in map(json.loads, file) if line["source"] == "policy"]


def test_decisions_are_recorded(setup):
    path = os.path.join(setup.tmp, "decisions.jsonl")
    with setup.broker("--decisions", path) as broker:
        watcher = observer(broker, "$aws-iot/decisions")
        Client(broker.port, setup.tls()).connect("not-my-thing").expect_end()
        got = watcher.receive()
        assert got[0] == "$aws-iot/decisions", got
        live = json.loads(got[1])
        # a thing cannot listen to them, whatever its policy
        Client(broker.port, setup.tls()).connect("thing1").accepted().send(subscribe("$aws-iot/decisions")).expect_end()
        Client(broker.port, setup.tls("unregistered", "hostile")).connect("x").expect_end()
        assert broker.log.wait("no thing has certificate")
    first, second, *_, last = decisions_of(path)
    assert first == live
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert abs(first.pop("time_ms") / 1000 - time.time()) < 3600
    assert len(first.pop("certificateId")) == 64
    assert first.pop("remedy").startswith('connect with a client id that fits "thing1" (AT+CMQTTACCQ)')
    assert first == {
        "source": "policy", "decision": "deny", "clientId": "not-my-thing", "thingName": "thing1",
        "action": "iot:Connect", "resource": "client/not-my-thing", "rule": "NO_ALLOW",
        "reason": "no statement allows it: allowed is client/thing1", "compared": ["client/thing1"]}, first
    assert second["decision"] == "allow" and second["statement"] == 1, second
    assert second["sid"] == "ConnectAsThing" and second["document"] == "default.json", second
    assert last["rule"] == "CERTIFICATE_NOT_REGISTERED" and last["remedy"], last


def test_polite_denial(setup):
    """CONNACK 5 and SUBACK 0x80 instead of silence; a refused message gets its PUBACK and goes nowhere."""
    refused_connack = b"\x20\x02\x00\x05"
    with setup.broker("--denial", "polite") as broker:
        watcher = observer(broker)
        for certificate, folder, client_id in [("thing1", "", "not-my-thing"), ("unregistered", "hostile", "thing1")]:
            client = Client(broker.port, setup.tls(certificate, folder)).connect(client_id)
            client.expect(refused_connack).expect_end()
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(subscribe("other/#")).expect(packet(0x90, b"\0\x09\x80")).alive()
        client.send(publish("other/a", "x", qos=1)).expect(PUBACK).alive()
        client.send(publish("thing1/z", "last", qos=1)).expect(PUBACK).alive()
        watcher.expect(publish("thing1/z", "last", qos=1)[:12])
    log = Broker(setup, "--denial", "rude").ended(2)
    assert 'close or polite, not "rude"' in log[0], log


def registry_with(setup, changes):
    """A folder of links to the certificates, with a things.json of its own in which each thing has
    these members besides."""
    folder = tempfile.mkdtemp(dir=setup.tmp)
    for name in os.listdir(setup.certs):
        if name != "things.json":
            os.symlink(os.path.join(setup.certs, name), os.path.join(folder, name))
    with open(os.path.join(setup.certs, "things.json"), encoding="utf-8") as file:
        registry = json.load(file)
    write_registry(folder, registry, changes)
    return folder, registry


def write_registry(folder, registry, changes):
    things = [{**thing, **changes.get(thing["thingName"], {})} for thing in registry["things"]]
    with open(os.path.join(folder, "things.json"), "w", encoding="utf-8") as file:
        json.dump({"things": things}, file)


def test_registry_entries(setup):
    statement = {"Effect": "Allow", "Action": "iot:Connect", "Resource": ARN + "client/*",
                 "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}}
    hall = {"Effect": "Allow", "Action": "iot:Publish",
            "Resource": ARN + "topic/${iot:Connection.Thing.Attributes[hall]}/*"}
    folder, registry = registry_with(setup, {
        "thing1": {"attributes": {"hall": "north"}, "policy": ["connect.json", "hall.json"]},
        "thing2": {"status": "INACTIVE"}})
    for name, content in [("connect.json", statement), ("hall.json", hall)]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump({"Version": "2012-10-17", "Statement": content}, file)
    with setup.broker("--certs", folder) as broker:
        Client(broker.port, setup.tls("thing2")).connect("thing2").expect_end()
        assert broker.log.wait("of thing thing2 is INACTIVE")
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(publish("north/a", "x", qos=1)).expect(PUBACK).alive()
        client.send(publish("south/a", "x", qos=1)).expect_end()
        assert broker.log.wait("iot:Publish on topic/south/a for thing thing1: no statement allows it: allowed is topic/north")
        # attributes are those of the thing that the client id names
        client = Client(broker.port, setup.tls()).connect("other").accepted()
        client.send(publish("north/a", "x", qos=1)).expect_end()
        assert broker.log.wait("${iot:Connection.Thing.Attributes[hall]} has no value")
        write_registry(folder, registry, {"thing1": {"attached": False, "policy": "connect.json"}})
        reload(broker, "aws-iot: reloaded")
        Client(broker.port, setup.tls()).connect("thing1").expect_end()
        assert broker.log.wait('IsAttached "true" (it is "false")')
        Client(broker.port, setup.tls("thing2")).connect("thing2").accepted().alive()
    write_registry(folder, registry, {"thing1": {"policy": "missing.json"}})
    log = Broker(setup, "--certs", folder).ended(1)
    assert any("cannot read " + os.path.join(folder, "missing.json") in line for line in log), log


def reload(broker, expected):
    for pid in processes_of(broker.process.pid):
        if pathlib.Path(f"/proc/{pid}/comm").read_text() == "mosquitto\n":
            os.kill(pid, signal.SIGHUP)
    assert broker.log.wait(expected)


def test_reload(setup):
    allow = {"Effect": "Allow", "Action": "iot:Publish", "Resource": ARN + "topic/a"}
    path = setup.policy(allow)
    with setup.broker("--policy", path) as broker:
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(publish("a", "x", qos=1)).expect(PUBACK)
        with open(path, encoding="utf-8") as file:
            good = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write('{\n"Statement": [}')
        reload(broker, path + ":2:15: not valid JSON")
        assert broker.log.wait("stay as they were")
        client.send(publish("a", "x", qos=1)).expect(PUBACK)  # the last good one
        with open(path, "w", encoding="utf-8") as file:
            file.write(good.replace("topic/a", "topic/b"))
        reload(broker, "aws-iot: reloaded")
        client.send(publish("b", "x", qos=1)).expect(PUBACK).alive()
        client.send(publish("a", "x", qos=1)).expect_end()


def test_reload_reaches_connected_clients(setup):
    """Mosquitto asks anew for every client that is connected: one whose certificate is not ACTIVE any more is
    gone, the others stay and are known as before."""
    policy = setup.policy({"Effect": "Allow", "Action": "iot:Publish",
                           "Resource": ARN + "topic/${iot:Certificate.Subject.CommonName}/*"})
    folder, registry = registry_with(setup, {})
    with setup.broker("--certs", folder, "--policy", policy) as broker:
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        reload(broker, "aws-iot: reloaded")
        client.send(publish("AWS IoT Certificate/a", "x", qos=1)).expect(PUBACK).alive()
        other = Client(broker.port, setup.tls("thing2")).connect("thing2").accepted()
        write_registry(folder, registry, {"thing1": {"status": "REVOKED"}})
        reload(broker, "aws-iot: reloaded")
        assert broker.log.wait("of thing thing1 is REVOKED")
        client.expect_end()
        other.alive()


def test_persistent_sessions_in_a_policy(setup):
    path = os.path.join(setup.tmp, "clean.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"Statement": {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*", "Condition": {
            "ForAllValues:StringNotEquals": {"iot:ConnectAttributes": ["PersistentConnect"]}}}}, file)
    with setup.broker("--policy", path) as broker:
        Client(broker.port, setup.tls()).connect("thing1").accepted().alive()
        Client(broker.port, setup.tls()).connect("thing1", clean=False).expect_end()
        assert broker.log.wait('ForAllValues:StringNotEquals iot:ConnectAttributes "PersistentConnect" (it is')


def test_will_and_server_name_in_a_policy(setup):
    """What only the gateway sees reaches the policy: the will of the CONNECT, and the server name of the handshake."""
    path = os.path.join(setup.tmp, "will.json")
    name = "abc.iot.eu-west-1.amazonaws.com"
    only = {"ArnEquals": {"iot:LastWillTopic": ARN + "topic/things gone/${iot:ClientId}"}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*", "Condition": only},
            {"Effect": "Allow", "Action": "iot:Publish", "Resource": "*", "Condition": {
                "StringEquals": {"iot:DomainName": name}}}]}, file)
    with setup.broker("--policy", path) as broker:
        Client(broker.port, setup.tls(), name).connect("thing1").expect_end()
        assert broker.log.wait("(it has no value)")
        Client(broker.port, setup.tls(), name).connect("thing1", will="things gone/x").expect_end()
        assert broker.log.wait('(it is "topic/things gone/x")')
        client = Client(broker.port, setup.tls(), name).connect("thing1", will="things gone/thing1").accepted()
        client.send(publish("a", "x", qos=1)).expect(PUBACK).alive()
        client = Client(broker.port, setup.tls()).connect("thing1", will="things gone/thing1").accepted()
        client.send(publish("a", "x", qos=1)).expect_end()
        assert broker.log.wait('iot:DomainName "' + name + '" (it is "localhost")')


if __name__ == "__main__":
    run_tests(globals(), __doc__)
