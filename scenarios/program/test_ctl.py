"""sim7600ctl, in a shell's place: what it prints, and its exit codes."""
import json
import os
import signal
import subprocess

import kit


class Ctl(kit.Case):
    def setUp(self):
        super().setUp()
        self.path = self.dir + "/control"
        self.running = self.sim("--control", self.path)
        self.at = self.modem(self.running)

    def ctl(self, *words, control=None):
        env = {k: v for k, v in os.environ.items() if k != "SIM7600_CONTROL"}
        if control != "":
            env["SIM7600_CONTROL"] = control or self.path
        done = subprocess.run([os.path.join(kit.BUILD, "sim7600ctl"), *words], env=env, capture_output=True,
                              text=True, timeout=kit.DEADLINE, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_world(self):
        self.assertEqual(self.ctl("set", "signal.dbm=-99"), (0, "", ""))
        self.assertEqual(self.ctl("get", "signal.dbm", "network"), (0, "network = home\nsignal.dbm = -99\n", ""))
        code, _, err = self.ctl("set", "signal.dbm=1")
        self.assertEqual(code, 1)
        self.assertIn("signal.dbm", err)

    def test_fault(self):
        self.assertEqual(self.ctl("fault", "command.answer", "command=+CSQ", "answer=error")[:2], (0, "fault 1\n"))
        code, out, _ = self.ctl("--json", "faults")
        self.assertEqual((code, json.loads(out)["faults"][0]["left"]), (0, 1))
        code, out, _ = self.ctl("trace", "1")
        self.assertEqual(code, 0)
        self.assertIn("step=armed", out)
        self.assertEqual(self.ctl("clear", "1"), (0, "", ""))
        code, _, err = self.ctl("clear", "1")
        self.assertEqual(code, 1)
        self.assertIn("there is no fault 1", err)

    def test_conditions_of_a_fault(self):
        self.assertEqual(self.ctl("fault", "command.answer", "command=+CSQ", "answer=error", "count=0", "nth=2",
                                  "when.event=at", "when.text=AT+CMEE*", "when.nth=1")[:2], (0, "fault 1\n"))
        one = json.loads(self.ctl("--json", "faults")[1])["faults"][0]
        self.assertEqual((one["left"], one["nth"], one["when"]), (-1, 2, {"event": "at", "text": "AT+CMEE*"}))
        self.at.ok("ATE0")
        for _ in range(2):
            self.at.ask("AT+CSQ", b"\r\n+CSQ: 16,99\r\n\r\nOK\r\n")
        self.at.ok("AT+CMEE=2")
        self.at.ask("AT+CSQ", b"\r\n+CSQ: 16,99\r\n\r\nOK\r\n")
        self.at.ask("AT+CSQ", b"\r\nERROR\r\n")
        self.assertIn("fired 1, for ever", self.ctl("faults")[1])
        code, out, _ = self.ctl("fault", "command.answer", "command=+CSQ", "answer=error", "chance=50", "seed=7")
        self.assertEqual((code, out), (0, "fault 2\nseed 7\n"))

    def test_port_and_time(self):
        self.at.ok("ATE0")
        self.assertEqual(self.ctl("urc", "+CMTI: 5"), (0, "", ""))
        self.at.until(rb"^\r\n\+CMTI: 5\r\n")
        self.assertIn("unknown field", self.ctl("raw", "a=b")[2])  # a word with = is one
        self.assertEqual(self.ctl("raw", "text=a=\\x41\\r\\n"), (0, "", ""))
        self.at.until(rb"^a=A\r\n")
        self.assertEqual(self.ctl("time", "0"), (0, "", ""))
        self.assertIn("time_percent = 0\n", self.ctl("state")[1])
        self.assertEqual(self.ctl("lines", "dtr=off"), (0, "dcd on\ndtr off\nri off\nrts on\n", ""))
        self.assertEqual(self.ctl("power", "cut"), (0, "", ""))
        self.at.until(rb"PB DONE\r\n")

    def test_script(self):
        path = self.dir + "/script.json"
        with open(path, "w", encoding="utf-8") as f:
            json.dump([{"after_ms": 0, "keys": {"network": "none"}}, {"after_ms": 1, "keys": {"network": "home"}}], f)
        self.at.ok("ATE0;+CREG=1")
        self.assertEqual(self.ctl("script", path), (0, "", ""))
        self.at.until(rb"\+CREG: 2\r\n[^:]*\+CREG: 1\r\n")
        with open(path, "w", encoding="utf-8") as f:
            f.write("[{]")
        for word, says in ((path, "no JSON"), (self.dir + "/nothing", "No such file")):
            code, _, err = self.ctl("script", word)
            self.assertEqual(code, 2)
            self.assertIn(says, err)

    def test_modems(self):
        code, out, _ = self.ctl("add", "profile=v1-2018", "signal.dbm=-99")
        self.assertEqual((code, out.splitlines()[0]), (0, "name modem1"))
        self.assertIn("modem1", self.ctl("list")[1])
        self.assertEqual(self.ctl("get", "signal.dbm", "modem=modem1")[1], "signal.dbm = -99\n")
        self.assertEqual(self.ctl("remove", "modem=modem1"), (0, "", ""))

    def test_subscribe(self):
        env = {**os.environ, "SIM7600_CONTROL": self.path}
        self.at.ok("AT+CMEE=2")
        with subprocess.Popen([os.path.join(kit.BUILD, "sim7600ctl"), "subscribe", "1", "events=at"], env=env,
                              stdout=subprocess.PIPE, text=True) as ctl:
            self.assertIn("text=OK", ctl.stdout.readline())
            self.at.ok("AT+CMEE=1")
            self.assertIn("text=AT+CMEE=1", ctl.stdout.readline())
            ctl.send_signal(signal.SIGINT)
            self.assertEqual(ctl.wait(kit.DEADLINE), 0)

    def test_completion(self):
        """In bash, from the words of the running emulator."""
        script = os.path.join(kit.SOURCE, "harness", "sim7600ctl.bash")
        env = {**os.environ, "SIM7600_CONTROL": self.path, "PATH": kit.BUILD + ":" + os.environ["PATH"]}
        for line, wanted in (("sim7600ctl po", "power"), ("sim7600ctl power r", "reset"),
                             ("sim7600ctl fault command.d", "command.delay"),
                             ("sim7600ctl fault command.delay c", "command= count= chance="),
                             ("sim7600ctl set network.cs", "network.cs="), ("sim7600ctl --v", "--version"),
                             ("sim7600ctl state modem=", "modem0")):
            typed = f'. {script}; COMP_LINE="{line}" COMP_POINT={len(line)} COMP_WORDS=({line}) COMP_CWORD=1; ' \
                    '_sim7600ctl; echo "${COMPREPLY[@]}"'
            done = subprocess.run(["bash", "-c", typed], env=env, capture_output=True, text=True, timeout=kit.DEADLINE,
                                  check=True)
            self.assertEqual(done.stdout.strip(), wanted, line)

    def test_why(self):
        code, _, err = self.ctl("why", "command=START")
        self.assertEqual(code, 1)
        self.assertIn("no such command", err)
        self.at.ask("AT+CMQTTSTART", b"\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n")
        self.at.ask('AT+CMQTTCONNECT=0,"tcp://127.0.0.1:1883",60,1', b"\r\n+CMQTTCONNECT: 0,20\r\n\r\nERROR\r\n")
        code, out, _ = self.ctl("why")
        self.assertEqual(code, 0)
        first, *rest = out.splitlines()
        self.assertEqual(first, "why: CONNECT got 20: client 0 is not acquired")
        self.assertIn("AT+CMQTTACCQ=0", rest[-1])
        code, out, _ = self.ctl("--json", "why", "command=START")
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out)["first"], "START got 0: it went well")
        for word, wanted, says in [("client=7", 1, "why: field 'client' takes a whole number from 0 to 1"),
                                   ("decision=x", 1, "it takes modem, command, client, decisions"),
                                   ("decisions=/nowhere", 2, "why: cannot read /nowhere")]:
            code, _, err = self.ctl("why", word)
            self.assertEqual(code, wanted, err)
            self.assertIn(says, err)

    def test_usage(self):
        self.assertEqual(self.ctl()[0], 2)
        self.assertEqual(self.ctl("--what")[0], 2)
        self.assertEqual(self.ctl("list", "x")[0], 2)
        code, _, err = self.ctl("list", control="")
        self.assertEqual(code, 2)
        self.assertIn("--control", err)
        self.assertEqual(self.ctl("list", control="/nowhere")[0], 1)
        self.assertEqual(self.ctl("--help")[0], 0)
