"""The cut sweep as a program: it finds a client with a fault in its parser, names the point, runs it alone, goes on where
it was, and shows on a terminal how far it is."""
import json
import os
import pty
import subprocess

import kit

SWEEP = "scenarios/sweep/publish.lua"
TIMEOUT = 4 * kit.DEADLINE


class Sweep(kit.Case):
    def command(self, *words, client="client-good"):
        return [os.path.join(kit.BUILD, "modemtest"), "--client", os.path.join(kit.BUILD, client), *words,
                os.path.join(kit.SOURCE, SWEEP)]

    def sweep(self, *words, **more):
        """Exit code and output of a sweep."""
        done = subprocess.run(self.command(*words, **more), capture_output=True, text=True, env=self.env,
                              timeout=TIMEOUT, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_planted_fault_is_found_and_repeated_alone(self):
        """client-planted is client-good with one fault in how it reads; the line in which it is not seen is swept."""
        code, out = self.sweep("-j", "4", "--sweep-point", self.PLANTED, client="client-planted")
        self.assertEqual(code, 1, out)
        point = self.named(out)
        code, out = self.sweep("--sweep-point", point, client="client-planted")
        self.assertEqual(code, 1, out)
        self.assertIn("1 points: 1 failed", out)
        self.assertIn("at>", out)
        self.assertEqual(self.sweep("--sweep-point", point)[0], 0, "the good client passes there")

    PLANTED = "urc.insert from=modem at=1"

    def named(self, out):
        """The first point that is told with the option that repeats it."""
        self.assertRegex(out, r"alone: --sweep-point '[^']+'")
        return out.split("alone: --sweep-point '")[1].split("'")[0]

    def test_state(self):
        """What is done is not done again; a file of another client is refused."""
        state = self.dir + "/sweep.jsonl"
        words = ("--sweep-state", state, "--sweep-point", "close from=host at=20")
        self.assertEqual(self.sweep(*words)[0], 0)
        with open(state, encoding="utf-8") as f:
            head, *points = [json.loads(line) for line in f]
        self.assertIn("client", head["of"])
        self.assertGreater(len(points), 1)
        self.assertEqual({p["verdict"] for p in points}, {"pass"})
        self.assertEqual(self.sweep(*words)[0], 0)
        with open(state, encoding="utf-8") as f:
            self.assertEqual(len(f.readlines()), 1 + len(points))
        code, out = self.sweep(*words, client="client-planted")
        self.assertEqual(code, 2, out)
        self.assertIn("it was made by another sweep", out)
        self.assertIn("name another file, or remove this one", out)

    def test_no_such_point(self):
        code, out = self.sweep("--sweep-point", "uart.drop from=nobody")
        self.assertEqual(code, 77, out)
        self.assertIn("'uart.drop from=nobody': none of ", out)

    def test_progress(self):
        """On a terminal a line tells how far it is, and goes when a result comes; workers tell it, too."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(self.command("-j", "2", "--sweep-every", "200"), stdout=theirs, stderr=theirs,
                              env=self.env) as running:
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
