"""The cut sweep as a program: it finds a client with a fault in its parser, names the point, runs it alone, goes on
where it was, and shows on a terminal how far it is."""
import json
import os
import pty
import re
import shutil
import subprocess
import tempfile

import kit

SWEEP = "scenarios/sweep/publish.lua"
TIMEOUT = 4 * kit.DEADLINE


class Sweep(kit.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = tempfile.mkdtemp(prefix="program-")
        cls.addClassCleanup(shutil.rmtree, cls.certificates, True)
        subprocess.run([os.path.join(kit.BUILD, "certs/make-certs"), cls.certificates + "/certs", "thing1", "thing2"],
                       stdout=subprocess.DEVNULL, check=True, timeout=TIMEOUT)

    def command(self, *words, client="client-good", which="publish ["):
        return [os.path.join(kit.BUILD, "modemtest"), "--client", os.path.join(kit.BUILD, client), *words,
                "--filter", which, "--certificates", self.certificates + "/certs", os.path.join(kit.SOURCE, SWEEP)]

    def sweep(self, *words, **more):
        """Exit code and output of a sweep."""
        done = subprocess.run(self.command(*words, **more), capture_output=True, text=True, env=self.env,
                              timeout=TIMEOUT, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_planted_fault_is_found_and_repeated_alone(self):
        """client-planted is client-good that takes every message for whole (scenarios/sweep/CMakeLists.txt)."""
        code, out = self.sweep("--sweep-point", "uart.drop from=modem", "--sweep-every", "16", client="client-planted")
        self.assertEqual(code, 1, out)
        self.assertIn("the message that the client got", out)
        self.assertRegex(out, r"alone: --sweep-point 'uart\.drop from=modem at=\d+'")
        found = set(re.findall(r"uart\.drop from=modem at=\d+", out))
        # What else the modem says, and when, may move the message by some bytes from one run to the next: from the
        # middle outwards.
        found = sorted(found, key=lambda name: int(name.split("=")[2]))
        for point in sorted(found, key=lambda name: abs(found.index(name) - len(found) // 2)):
            code, out = self.sweep("--sweep-point", point, "--repeat", "2", client="client-planted")
            if code != 0:
                break
        self.assertEqual(code, 1, out)
        self.assertIn("1 points: 1 failed", out)
        self.assertIn("at>", out)

    def test_state(self):
        """What is done is not done again; a file of another client is refused."""
        state = self.dir + "/sweep.jsonl"
        words = ("--sweep-state", state, "--sweep-point", "close from=host at=20")
        self.assertEqual(self.sweep(*words)[0], 0)
        lines = self.lines(state)
        heads, points = [x for x in lines if "of" in x], [x for x in lines if "point" in x]
        self.assertIn("client", heads[0]["of"])
        self.assertGreater(len(points), 1)
        self.assertEqual({p["verdict"] for p in points}, {"pass"})
        self.assertEqual(self.sweep(*words)[0], 0)
        self.assertEqual(self.lines(state), lines)
        code, out = self.sweep(*words, client="client-planted")
        self.assertEqual(code, 2, out)
        self.assertIn("it was made by another sweep", out)
        self.assertIn("name another file, or remove this one", out)

    @staticmethod
    def lines(path):
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def test_no_such_point(self):
        code, out = self.sweep("--sweep-point", "uart.drop from=nobody")
        self.assertEqual(code, 77, out)
        self.assertIn("'uart.drop from=nobody': none of ", out)

    def test_progress(self):
        """On a terminal a line tells how far it is, and goes when a result comes; workers tell it, too."""
        ours, theirs = pty.openpty()
        command = self.command("-j", "2", "--sweep-every", "400", which="publish %[slice=[12]/4")
        with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=self.env) as running:
            self.addCleanup(running.kill)
            os.close(theirs)
            out = b""
            while chunk := self.read(ours):
                out += chunk
            os.close(ours)
            self.assertEqual(running.wait(TIMEOUT), 0, out)
        self.assertRegex(out, rb"\[#+-+\] \d+/\d+ points")
        self.assertRegex(out, rb"points[^\r\n]*\r\x1b\[K[^\n]*ok")

    @staticmethod
    def read(fd):
        kit.wait_for([fd], "output of the sweep")
        try:
            return os.read(fd, 4096)
        except OSError:  # the other end is closed
            return b""
