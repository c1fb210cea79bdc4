"""The command line: what is printed and what is refused."""
import json
import os
import subprocess

import kit

OPTIONS = ("--link", "--listen", "--serial", "--control", "--state", "--profile", "--gnss-track", "--connect-to",
           "--boot", "--count", "--trace", "--seed", "--dump", "--version", "--help")


class Printed(kit.Case):
    def printed(self, *args):
        done = self.run_sim(*args)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def test_version(self):
        self.assertRegex(self.printed("--version"), r"^sim7600 \d+\.\d+\.\d+\n$")

    def test_help_names_every_option(self):
        text = self.printed("--help")
        for option in OPTIONS:
            self.assertIn(option, text)
        self.assertRegex(text, r"--seed N +of what is random")
        self.assertLess(max(map(len, text.splitlines())), 110)

    def test_dump_every_what_and_format(self):
        for what, word in (("commands", "CMQTTCONNECT"), ("urcs", "+CMQTTCONNLOST"), ("faults", ""),
                           ("profile", "result_style")):
            for form in ("", ":md"):
                text = self.printed("--dump", what + form)
                self.assertIn(word, text)
                self.assertTrue(text.endswith("\n"))
            data = json.loads(self.printed(f"--dump={what}:json"))
            self.assertIsInstance(data, dict if what == "profile" else list)
            self.assertTrue(data or what == "faults")

    def test_dump_of_another_profile(self):
        style = [json.loads(self.printed("--profile", p, "--dump", "profile:json"))["result_style"]
                 for p in ("sim7600", "sim7600-async")]
        self.assertEqual(style, ["sync", "async"])

    def test_dumped_profile_can_be_given_back(self):
        text = self.printed("--dump", "profile", "--profile", "sim7600-async")
        path = self.dir + "/again.profile"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.assertEqual(self.printed("--dump", "profile", "--profile", path), text)

    def test_stdout_that_takes_nothing(self):
        for option in ("--help", "--version", "--dump=commands"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([kit.BUILD + "/sim7600", option], stdout=full, stderr=subprocess.PIPE,
                                      env=self.env, timeout=kit.DEADLINE, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rb"^sim7600: cannot write on stdout: [^\n]+\n$")

    def test_descriptors_closed_by_the_parent(self):
        """stdin and stderr closed: no socket or pty may get their numbers."""
        command = 'exec "$0" "$@" <&- 2>&-'
        sim = self.sim("--control", self.dir + "/control", wrap=("/bin/sh", "-c", command))
        self.modem(sim).alive()
        self.assertEqual(os.readlink(f"/proc/{sim.process.pid}/fd/0"), "/dev/null")
        self.assertEqual(os.readlink(f"/proc/{sim.process.pid}/fd/2"), "/dev/null")
        sim.stop()


class Refused(kit.Case):
    def test_bad_options_and_values(self):
        long = "x" * 5000
        for args, names in (
                (["--bogus"], ["--bogus", "--help"]),
                (["--lis"], ["--lis", "--help"]),
                (["-x"], ["-x", "--help"]),
                (["word"], ["word", "--help"]),
                (["--bogus\nline"], ["--bogus?line", "--help"]),
                (["--" + long], ["--xxx", "--help"]),
                (["--boot=1"], ["--boot=1", "takes no value"]),
                (["--seed"], ["--seed", "value"]),
                (["--seed", "x"], ["--seed x", "0 to 4294967295"]),
                (["--seed", "4294967296"], ["--seed 4294967296", "0 to 4294967295"]),
                (["--seed", "-1"], ["--seed -1", "0 to 4294967295"]),
                (["--count", "0"], ["--count 0", "1 to 64"]),
                (["--count", "65"], ["--count 65", "1 to 64"]),
                (["--count", "1e1"], ["--count 1e1", "1 to 64"]),
                (["--count", ""], ["--count", "1 to 64"]),
                (["--link", ""], ["--link", "empty"]),
                (["--link", long], ["--link", "too long"]),
                (["--listen", "here"], ["--listen here", "tcp:HOST:PORT"]),
                (["--listen", "tcp:127.0.0.1"], ["--listen tcp:127.0.0.1", "tcp:HOST:PORT"]),
                (["--listen", "tcp:127.0.0.1:65536"], ["65536", "tcp:HOST:PORT"]),
                (["--listen", "tcp:::1:4000"], ["--listen", "tcp:HOST:PORT"]),
                (["--listen", "unix:"], ["--listen unix:", "unix:PATH"]),
                (["--listen", "tcp:" + long], ["--listen", "tcp:HOST:PORT"]),
                (["--serial", ""], ["--serial", "DEV"]),
                (["--serial", "/dev/ttyS0:fast"], ["--serial /dev/ttyS0:fast", "DEV:BAUD"]),
                (["--serial", "/dev/ttyS0:1"], ["--serial /dev/ttyS0:1", "DEV:BAUD"]),
                (["--connect-to", "a:1:b"], ["--connect-to a:1:b", "HOST:PORT:HOST2:PORT2"]),
                (["--connect-to", "a:1:b:65536"], ["--connect-to", "HOST:PORT:HOST2:PORT2"]),
                (["--connect-to", "::::"], ["--connect-to", "HOST:PORT:HOST2:PORT2"]),
                (["--connect-to", long], ["--connect-to", "HOST:PORT:HOST2:PORT2"]),
                (["--connect-to=:::"] * 33, ["--connect-to", "32"]),
                (["--dump", "all"], ["--dump all", "commands, urcs, faults, profile or control"]),
                (["--dump", "profile:xml"], ["--dump profile:xml", ":json"]),
                (["--listen", "tcp:127.0.0.1:0", "--link", "x"], ["--link", "--listen"]),
                (["--count", "2", "--serial", "/dev/ttyS0"], ["--count 2"]),
                (["--count", "2", "--listen", "tcp:127.0.0.1:65535"], ["--count 2"]),
                (["--profile", "sim9999"], ["--profile sim9999", "sim7600-async"]),
                (["--profile", "/nowhere/my.profile"], ["/nowhere/my.profile", "No such file"]),
                (["--profile", self.dir], ["--profile", "cannot be read"]),
                (["--profile", long[:3000]], ["--profile", "name"])):
            with self.subTest(args[0], value=args[1:2]):
                self.refused(2, names, *args)

    def test_broken_profile(self):
        path = self.dir + "/my.profile"
        for text, names in (
                (b"# mine\n\nresult_style = maybe\n", ["line 3", "result_style"]),
                (b"line_max = 559\nno_such_key = 1\n", ["line 2", "no_such_key"]),
                (b"line_max = many\n", ["line 1", "line_max"]),
                (b"line_max = 99999999999\n", ["line 1", "line_max"]),
                (b"line_max\n", ["line 1"]),
                (b"\n\n\n\x00\xff\xfe\n", ["line 4"]),
                (b"extend = nothing\n", ["line 1", "nothing"]),
                (b"# " + b"x" * (300 * 1024), ["too large"])):
            with self.subTest(text[:40]):
                with open(path, "wb") as f:
                    f.write(text)
                self.refused(2, [path, *names], "--profile", path)
                self.refused(2, [path, *names], "--profile", path, "--dump", "commands")

    def test_places_that_cannot_be_used(self):
        with open(self.dir + "/file", "wb"):
            pass
        for args, names in (
                (["--state", self.dir + "/file"], ["state folder", "/file", "Not a directory", "--state"]),
                (["--state", self.dir + "/no/state"], ["/no/state", "No such file", "--state"]),
                (["--link", self.dir + "/no/link"], ["/no/link", "No such file", "--link"]),
                (["--control", self.dir + "/no/socket"], ["/no/socket", "No such file", "choose another"]),
                (["--control", self.dir + "/file"], ["/file", "not a socket", "choose another"]),
                (["--control", "/tmp/" + "x" * 200], ["socket path", "shorter"]),
                (["--listen", "unix:" + self.dir + "/file"], ["/file", "not a socket", "choose another"]),
                (["--listen", "tcp:192.0.2.1:0"], ["tcp:192.0.2.1:0", "choose another"]),
                (["--trace", self.dir], [self.dir, "directory", "--trace"]),
                (["--trace", self.dir + "/no/trace"], ["/no/trace", "No such file", "--trace"]),
                (["--serial", self.dir + "/none"], ["/none", "No such file", "/dev/ttyUSB0"]),
                (["--serial", "/dev/null"], ["/dev/null", "not a terminal", "/dev/ttyUSB0"])):
            with self.subTest(args[0], value=args[1]):
                self.refused(1, names, *args)
        self.assertEqual(kit.content(self.dir + "/file"), b"")
        self.nothing_left()

    def test_no_place_for_temporary_files(self):
        for name, words in (("TMPDIR", ["temporary", "--state"]), ("XDG_RUNTIME_DIR", ["/no", "--link"])):
            self.refused(1, words, env=dict(self.env, **{name: self.dir + "/no/folder"}))
