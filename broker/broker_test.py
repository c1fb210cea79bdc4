#!/usr/bin/env python3
"""Starts broker/run and shows from outside what clients of it see: what is allowed, what a refusal
looks like on the wire, and that nothing is left behind. Uses mosquitto_pub, mosquitto_sub and a raw MQTT client
of its own, because a library would hide how a connection ends."""

import json
import os
import pathlib
import select
import signal
import socket
import ssl
import subprocess
import warnings

import gateway_rows
from broker_kit import (
    ARN, Broker, Client, DEADLINE, DISCONNECT, Output, PUBACK, SUBACK, Setup, make, observer,
    packet, processes_of, publish, run_tests, state_of, subscribe, text, tool_arguments)


def test_make_certs_keeps_what_is_there(setup):
    folder = os.path.join(setup.tmp, "kept")
    assert make(setup, folder).stdout.count("\n") == 1
    first = state_of(folder)
    second = make(setup, folder)
    assert second.stdout + second.stderr == ""
    assert state_of(folder) == first
    make(setup, folder, "thing2")
    after = state_of(folder)
    registry = os.path.join(folder, "things.json")
    changed = [path for path in first if after[path] != first[path]]
    assert changed == [registry], changed
    with open(registry, encoding="utf-8") as file:
        names = [thing["thingName"] for thing in json.load(file)["things"]]
    assert sorted(names) == ["thing1", "thing1", "thing2", "thing2"], names
    # what is missing is made again, the rest stays
    os.remove(os.path.join(folder, "thing2-certificate.pem.crt"))
    make(setup, folder, "thing2")
    again = state_of(folder)
    key = os.path.join(folder, "thing2-private.pem.key")
    assert again[key] == after[key]
    assert [name for name in os.listdir(folder) if name.startswith(".")] == []


def test_make_certs_lost_keys(setup):
    """A key made anew takes what was made from the lost one with it; what cannot be made is said."""
    folder = os.path.join(setup.tmp, "lost keys")
    make(setup, folder)
    pair = [os.path.join(folder, "thing1-" + name) for name in ("certificate.pem.crt", "private.pem.key")]
    of_a_chain = os.path.join(folder, "chain", "thing1-certificate.pem.crt")
    os.remove(pair[1])
    os.mkdir(os.path.join(folder, ".make-certs.killed"))  # what a killed run leaves
    make(setup, folder)
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(*pair)  # raises where they do not match
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(of_a_chain, pair[1])
    server = [os.path.join(folder, name) for name in ("chain/server.crt", "server.key", "server-ca3.crt", "server-ec.key")]
    os.remove(server[1])
    os.remove(server[3])
    make(setup, folder)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*server[:2])
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*server[2:])
    assert [name for name in os.listdir(folder) if name.startswith(".")] == []
    os.remove(os.path.join(folder, "ca.key"))
    assert make(setup, folder).stdout == ""
    result = make(setup, folder, "thing2", status=1)
    assert "ca.key, the key of AmazonRootCA1.pem, is missing" in result.stderr, result.stderr
    assert not os.path.exists(os.path.join(folder, "ca.key"))


def test_folder_names(setup):
    for name in ["it's \"#1\"", "a$b \\c ${d}"]:
        folder = os.path.join(setup.tmp, name)
        make(setup, folder)
        Broker(setup, "--certs", folder).ready().stop()
    result = subprocess.run([setup.run, "--certs", "a\tb"], capture_output=True, text=True, check=False,
                            timeout=DEADLINE)
    assert result.returncode == 2 and "control character" in result.stderr, result.stderr


def test_make_certs_modes(setup):
    for path in pathlib.Path(setup.certs).rglob("*"):
        if path.name.endswith(".key") or path.name.endswith("private.der"):
            assert path.stat().st_mode & 0o777 == 0o600, path


def test_make_certs_errors(setup):
    for arguments, status, message in [
            ([], 2, "which folder"),
            (["--what"], 2, "unknown option --what"),
            ([setup.certs, "a/b"], 2, 'bad thing name "a/b"'),
            ([setup.certs, ""], 2, "bad thing name"),
            ([setup.certs, "x" * 129], 2, "bad thing name"),
            ([setup.certs, "thing1-ec"], 2, 'EC certificate of "thing1"'),
            ([os.path.join(setup.certs, "ca.key", "sub")], 1, "cannot make the folder")]:
        result = make(setup, *arguments, status=status)
        assert message in result.stderr and result.stderr.count("\n") == 1, result.stderr


def test_openssl_agrees(setup):
    def verify(path, *options, root="AmazonRootCA1.pem"):
        ca = os.path.join(setup.certs, root)
        return subprocess.run(["openssl", "verify", *options, "-CAfile", ca, os.path.join(setup.certs, path)],
                              capture_output=True, text=True, check=False, timeout=DEADLINE).stderr
    for good in ["thing1-certificate.pem.crt", "thing1-ec-certificate.pem.crt", "server.crt", "server-ec.crt",
                 "hostile/unregistered-certificate.pem.crt"]:
        assert verify(good) == "", good
    chain = os.path.join(setup.certs, "chain")
    above = [word for name in ["IntermediateCA1.pem", "IntermediateCA2.pem"]
             for word in ("-untrusted", os.path.join(chain, name))]
    for good in ["chain/server.crt", "chain/thing1-certificate.pem.crt"]:
        assert verify(good, *above) == "", good
        assert "unable to get local issuer" in verify(good), good
        assert "unable to get" in verify(good, *above[2:]), good  # without IntermediateCA1
    assert verify("server-ca3.crt", root="AmazonRootCA3.pem") == ""
    for name in ["localhost", "xxxx-ats.iot.eu-west-1.amazonaws.com"]:
        assert verify("server.crt", "-purpose", "sslserver", "-verify_hostname", name) == ""
    assert verify("server.crt", "-verify_ip", "127.0.0.1") == ""
    for bad, reason in [("expired-certificate.pem.crt", "certificate has expired"),
                        ("not-yet-valid-certificate.pem.crt", "certificate is not yet valid"),
                        ("unknown-ca-certificate.pem.crt", "unable to get local issuer"),
                        ("server-expired.crt", "certificate has expired"),
                        ("server-not-yet-valid.crt", "certificate is not yet valid"),
                        ("server-unknown-ca.crt", "unable to get local issuer"),
                        ("corrupt-certificate.pem.crt", "Unable to load certificate"),
                        ("truncated-certificate.pem.crt", "Unable to load certificate")]:
        assert reason in verify("hostile/" + bad), bad
    assert "hostname mismatch" in verify("hostile/server-wrong-name.crt", "-verify_hostname", "localhost")


def test_a_thing_uses_its_own_topics(setup):
    with setup.broker() as broker:
        subscriber = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", *tool_arguments(setup, broker, "thing1-ec", "thing1"), "-t", "thing1/#", "-q", "1",
             "-C", "1", "-d", "-F", "%t %p"], stdout=subprocess.PIPE, text=True, start_new_session=True)
        setup.started.append(subscriber)
        output = Output(subscriber.stdout)
        assert output.wait("Subscribed (mid"), output.lines
        # thing2's own message does not fit the filter and must not be the one that is printed
        for thing in ["thing2", "thing1"]:
            arguments = tool_arguments(setup, broker, thing, thing)
            if thing == "thing1":
                arguments = ["-h", "127.0.0.1", "-p", str(broker.plain_port), "-i", "test"]  # thing1 is taken
            subprocess.run(["mosquitto_pub", *arguments, "-t", f"{thing}/a", "-m", f"from {thing}", "-q", "1"],
                           check=True, timeout=DEADLINE)
        assert output.wait("thing1/a from thing1"), output.lines
        assert subscriber.wait(DEADLINE) == 0
        client = Client(broker.port, setup.tls(), "xxxx-ats.iot.eu-west-1.amazonaws.com")
        client.connect("thing1").accepted()
        client.send(publish("thing1", "x", qos=1)).expect(PUBACK)
        client.send(subscribe("thing1/+/b")).expect(SUBACK).alive()


def test_refused_connect_is_silent(setup):
    with setup.broker() as broker:
        for certificate, folder, client_id, reason in [
                ("thing1", "", "not-my-thing", "iot:Connect on client/not-my-thing for thing thing1"),
                ("thing2", "", "thing1", "iot:Connect on client/thing1 for thing thing2"),
                ("unregistered", "hostile", "thing1", "no thing has certificate")]:
            Client(broker.port, setup.tls(certificate, folder)).connect(client_id).expect_end()
            assert broker.log.wait(reason)
        Client(broker.port, setup.tls()).connect("thing1").accepted().alive()


def test_refused_in_the_handshake(setup):
    with setup.broker() as broker:
        for certificate in ["expired", "not-yet-valid", "unknown-ca"]:
            try:
                Client(broker.port, setup.tls(certificate, "hostile"))
            except (ssl.SSLError, ConnectionResetError):
                continue
            raise AssertionError(f"the broker took {certificate}")
        Client(broker.port, setup.tls(None)).expect_end()  # as AWS: the handshake is completed
        assert broker.log.wait("The client presented no certificate")
        Client(broker.port, setup.tls()).connect("thing1").accepted().alive()


def test_refused_publish_and_subscribe_are_silent(setup):
    with setup.broker() as broker:
        watcher = observer(broker)
        for request, reason in [
                (publish("other/a", "x", qos=0), "iot:Publish on topic/other/a"),
                (publish("other/a", "x", qos=1), "iot:Publish on topic/other/a"),
                (publish("thing10/a", "x", qos=1), "iot:Publish on topic/thing10/a"),
                (subscribe("other/#"), "iot:Subscribe on topicfilter/other/#"),
                (subscribe("#"), "iot:Subscribe on topicfilter/#")]:
            client = Client(broker.port, setup.tls()).connect("thing1").accepted()
            client.send(request).expect_end()
            assert broker.log.wait(reason + " for thing thing1: no statement allows it")
        Client(broker.port, setup.tls()).connect("thing1").accepted().send(publish("thing1/z", "last", qos=1)).expect(
            PUBACK)
        watcher.expect(publish("thing1/z", "last", qos=1)[:12])  # the first message it ever gets


def test_receive(setup):
    policy = setup.policy({"Effect": "Allow", "Action": "iot:Subscribe", "Resource": "*"},
                          {"Effect": "Allow", "Action": "iot:Receive", "Resource": ARN + "topic/open/*"})
    with setup.broker("--policy", policy) as broker:
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(subscribe("#", qos=0)).expect(packet(0x90, b"\0\x09\x00"))
        source = Client(broker.plain_port).connect("source").accepted()
        source.send(publish("secret/a", "no") + publish("open/a", "yes"))
        client.expect(publish("open/a", "yes")).alive()
        assert broker.log.wait("refused iot:Receive on topic/secret/a")


def test_deny_and_retain(setup):
    policy = setup.policy({"Effect": "Allow", "Action": ["iot:Publish"], "Resource": "*"},
                          {"Effect": "Allow", "Action": "iot:RetainPublish", "Resource": ARN + "topic/keep"},
                          {"Sid": "NoSecrets", "Effect": "Deny", "Action": "iot:*",
                           "Resource": ARN + "topic/secret/*"})
    with setup.broker("--policy", policy) as broker:
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(publish("keep", "kept", qos=1, retain=True)).expect(PUBACK).alive()
        client.send(publish("fleeting", "x", qos=1)).expect(PUBACK)
        client.send(publish("fleeting", "x", qos=1, retain=True)).expect_end()
        assert broker.log.wait("refused iot:RetainPublish on topic/fleeting")
        client = Client(broker.port, setup.tls()).connect("thing1").accepted()
        client.send(publish("secret/a", "x", qos=1)).expect_end()
        assert broker.log.wait('iot:Publish on topic/secret/a for thing thing1: denied by statement 4 "NoSecrets"')
        # the retained message outlives its publisher
        late = Client(broker.plain_port).connect("late").accepted().send(subscribe("keep", qos=0))
        late.expect(packet(0x90, b"\0\x09\x00") + publish("keep", "kept", retain=True))


def test_will(setup):
    with setup.broker() as broker:
        watcher = observer(broker)
        # the refused will belongs to the client that ends first: its message would come first
        Client(broker.port, setup.tls()).connect("thing1", will="other/will").accepted().break_off()
        assert broker.log.wait("refused iot:Publish on topic/other/will for thing thing1")
        Client(broker.port, setup.tls()).connect("thing1", will="thing1/will").accepted().break_off()
        watcher.expect(publish("thing1/will", "gone"))
        # a refusal in the middle of a session is a loss, too
        client = Client(broker.port, setup.tls()).connect("thing1", will="thing1/will").accepted()
        client.send(publish("other", "x")).expect_end()
        watcher.expect(publish("thing1/will", "gone")).alive()


def test_messages_for_an_absent_client(setup):
    policy = setup.policy({"Effect": "Allow", "Action": "iot:Subscribe", "Resource": "*"},
                          {"Effect": "Allow", "Action": "iot:Receive",
                           "Resource": ARN + "topic/${iot:Connection.Thing.ThingName}/${iot:ClientId}"})
    with setup.broker("--policy", policy) as broker:
        client = Client(broker.port, setup.tls()).connect("id", clean=False).accepted()
        client.send(subscribe("#")).expect(SUBACK).send(DISCONNECT).expect_end()
        source = Client(broker.plain_port).connect("source").accepted()
        for topic in ["thing2/id", "thing1/id"]:
            source.send(publish(topic, "queued", qos=1)).expect(PUBACK)
        client = Client(broker.port, setup.tls()).connect("id", clean=False).accepted(session_present=True)
        client.expect(packet(0x32, text("thing1/id") + b"\0\x01queued")).alive()


def test_without_client_certificates(setup):
    with setup.broker("--no-client-cert") as broker:
        client = Client(broker.port, setup.tls(None)).connect("anyone").accepted()
        client.send(publish("other", "x", qos=1)).expect(PUBACK)
    with setup.broker("--tls-version", "tlsv1.1") as broker:
        context = setup.tls()
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is what is tested
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        client = Client(broker.port, context).connect("thing1").accepted()
        assert client.socket.version() == "TLSv1.1"


def test_make_certs_keeps_what_was_added(setup):
    folder = os.path.join(setup.tmp, "edited")
    make(setup, folder)
    path = os.path.join(folder, "things.json")
    with open(path, encoding="utf-8") as file:
        registry = json.load(file)
    registry["things"][0].update({"status": "INACTIVE", "attributes": {"room": "\u00e9 \"3\""}})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(registry, file, indent=7)
    make(setup, folder, "thing2")
    with open(path, encoding="utf-8") as file:
        after = json.load(file)["things"]
    assert after[:2] == registry["things"] and [thing["thingName"] for thing in after[2:]] == ["thing2"] * 2, after
    # a certificate made anew is another one; the entry of the old one goes
    os.remove(os.path.join(folder, "thing2-certificate.pem.crt"))
    make(setup, folder, "thing2")
    with open(path, encoding="utf-8") as file:
        again = json.load(file)["things"]
    assert len(again) == 4 and again[:2] == after[:2], again
    with open(path, "w", encoding="utf-8") as file:
        file.write("{ broken")
    result = make(setup, folder, "thing3", status=1)
    assert "things.json" in result.stderr and "mend it or remove it" in result.stderr, result.stderr
    assert not os.path.exists(os.path.join(folder, "thing3-certificate.pem.crt"))


def test_wrong_policy_stops_the_start(setup):
    path = os.path.join(setup.tmp, "wrong.json")
    for document, message in [('{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "allow"}]}',
                               ":4:16: Effect must be"),
                              ('{\n  "Statement": [],\n}', ":3:1: not valid JSON from '}'"),
                              ("", ":1:1: not valid JSON")]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(document)
        broker = Broker(setup, "--certs", setup.certs, "--policy", path)
        log = broker.ended(1)
        assert any(path + message in line for line in log), log
        assert broker.out.rest() == []


def test_bad_options(setup):
    for options, message in [(["--what"], 'unknown argument "--what"'),
                             (["x"], 'unknown argument "x"'),
                             (["--port"], "--port needs a value"),
                             (["--port", "65536"], "not \"65536\""),
                             (["--port=-1"], "not \"-1\""),
                             (["--policy", "/nonexistent.json"], "cannot read /nonexistent.json"),
                             (["--certs", setup.tmp], "has no things.json"),
                             (["--tls-version", "ssl3"], "not \"ssl3\""),
                             (["--port", "9", "--plain-port", "9"], "the same")]:
        log = Broker(setup, *options).ended(2)
        assert len(log) == 1 and message in log[0], log


def test_port_in_use(setup):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ["--port", "--plain-port"]:
            log = Broker(setup, "--certs", setup.certs, option, port).ended(1)
            assert any(f"port {port} is in use" in line for line in log), log


def test_ends_cleanly(setup):
    Broker(setup, "--certs", setup.certs).ready().stop(signal.SIGTERM)
    Broker(setup, "--certs", setup.certs).ready().stop(signal.SIGINT)
    # connected clients and a fixed port; then the same port again
    broker = Broker(setup, "--certs", setup.certs).ready()
    client = Client(broker.port, setup.tls()).connect("thing1").accepted()
    broker.stop()
    client.break_off()
    # Ctrl-C reaches every process of the terminal
    broker = Broker(setup, "--certs", setup.certs).ready()
    os.killpg(broker.process.pid, signal.SIGINT)
    broker.ended(0)
    # at every stage of its start
    for stage in ["starting", "Loading plugin", "registered", "Opening unix", "running", "New connection"]:
        broker = Broker(setup, "--certs", setup.certs)
        assert broker.log.wait(stage)
        broker.stop()
    # killed: no process is left
    broker = Broker(setup, "--certs", setup.certs).ready()
    group = [os.pidfd_open(pid) for pid in processes_of(broker.process.pid)]
    assert len(group) >= 3, "broker/run, mosquitto and the gateway"
    broker.process.kill()
    for process in group:
        assert select.select([process], [], [], DEADLINE)[0], "a process outlives broker/run"
        os.close(process)


def test_certificates_of_its_own(setup):
    broker = Broker(setup).ready()
    folder = os.path.join(broker.tmp, os.listdir(broker.tmp)[0], "certs")
    assert broker.log.wait(f"certificates in {folder}: thing1")
    own = Setup(setup.run, setup.make_certs, setup.tmp)
    own.certs = folder
    Client(broker.port, own.tls()).connect("thing1").accepted().alive()
    broker.stop()


if __name__ == "__main__":
    run_tests({**globals(), **gateway_rows.TESTS}, __doc__)
