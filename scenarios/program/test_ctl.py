"""sim7600ctl, in a shell's place: what it prints, and its exit codes."""
import json
import os
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
        for word, says in [("client=7", "0 or 1"), ("decision=x", "decisions=FILE"), ("decisions=/nowhere", "/nowhere")]:
            code, _, err = self.ctl("why", word)
            self.assertEqual(code, 2)
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
