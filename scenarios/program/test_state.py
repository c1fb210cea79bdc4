"""Stored certificates: kept over a restart, private, and never lost to a crash, a full disk or a second emulator."""
import ctypes
import os
import random
import resource
import stat
import struct
import subprocess

import kit

OLD, NEW = b"old " * 1250, b"new, and longer " * 600  # 5000 and 9600 bytes
CERTIFICATES = "/modem0/certificates/"


class Changes:
    """What happens in folders, step by step, as inotify tells it: a new file, its bytes, its end, its renaming."""

    # <sys/inotify.h>: MODIFY, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE
    MASK = 0x02 | 0x08 | 0x40 | 0x80 | 0x100 | 0x200

    def __init__(self, *folders):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_CLOEXEC)
        for folder in folders:
            if libc.inotify_add_watch(self.fd, os.fsencode(folder), self.MASK) < 0:
                raise OSError(ctypes.get_errno(), folder)

    def __enter__(self):
        return self

    def wait(self, number):
        """Until so many events have come."""
        while number > 0:
            kit.wait_for([self.fd], "a change of the state folder")
            events = os.read(self.fd, 4096)
            while events:
                length = struct.unpack("iIII", events[:16])[3]
                events = events[16 + length:]
                number -= 1

    def __exit__(self, *unused):
        os.close(self.fd)


class Kept(kit.Case):
    def setUp(self):
        super().setUp()
        self.state = self.dir + "/state"

    def stored(self, name):
        return kit.content(self.state + CERTIFICATES + name)

    def test_kept_and_private(self):
        sim = self.sim("--state", self.state)
        modem = self.modem(sim)
        modem.upload("b.pem", OLD)
        modem.upload("a.pem", NEW)
        sim.stop()
        modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in self.everything()}
        self.assertEqual({m for p, m in modes.items() if os.path.isdir(p)}, {0o700})
        self.assertEqual({m for p, m in modes.items() if os.path.isfile(p)}, {0o600})
        sim = self.sim("--state", self.state)
        modem = self.modem(sim)
        modem.ask("AT+CCERTLIST", b'\r\n+CCERTLIST: "a.pem"\r\n+CCERTLIST: "b.pem"\r\n\r\nOK\r\n')
        modem.ok('AT+CCERTDELE="a.pem"')
        sim.stop()
        modem = self.modem(self.sim("--state", self.state))
        modem.ask("AT+CCERTLIST", b'\r\n+CCERTLIST: "b.pem"\r\n\r\nOK\r\n')
        self.assertEqual(self.stored("b.pem"), OLD)

    def everything(self):
        yield self.state
        for at, folders, files in os.walk(self.state):
            for name in folders + files:
                yield os.path.join(at, name)

    def test_wide_umask(self):
        before = os.umask(0)
        try:
            sim = self.sim("--state", self.state, "--trace", self.dir + "/trace", "--control", self.dir + "/control")
        finally:
            os.umask(before)
        self.modem(sim).upload("a.pem", OLD)
        for path in (*self.everything(), self.dir + "/trace", self.dir + "/control"):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, path)
        sim.stop()

    def test_second_emulator_on_the_same_state(self):
        sim = self.sim("--state", self.state)
        modem = self.modem(sim)
        modem.upload("a.pem", OLD)
        self.refused(1, [self.state, "another emulator", "--state"], "--state", self.state, "--link", self.dir + "/l")
        modem.upload("a.pem", NEW)
        sim.stop()
        self.assertEqual(self.stored("a.pem"), NEW)

    def test_state_that_others_spoilt(self):
        """A file in the place of one of its folders: one clear line, and nothing is touched."""
        for part in ("modem0", "modem0/certificates", "modem0/nvram"):
            os.makedirs(self.state + "/" + os.path.dirname(part), exist_ok=True)
            with open(self.state + "/" + part, "wb"):
                pass
            self.refused(1, [os.path.basename(part), self.state, "Not a directory"], "--state", self.state)
            os.unlink(self.state + "/" + part)

    def test_killed_at_any_moment(self):
        """200 uploads over one old file; every fifth with a kill, half-way through the data or at one of the steps
        in which the file system changes afterwards."""
        moments = random.Random(7600)
        sim = self.sim("--state", self.state)
        modem = self.modem(sim)
        modem.upload("a.pem", OLD)
        modem.upload("b.pem", OLD)
        for i in range(200):
            content = (OLD, NEW)[i % 2]
            if i % 5 != 4:
                modem.upload("a.pem", content)
                continue
            before = self.stored("a.pem")
            modem.ask(f'AT+CCERTDOWN="a.pem",{len(content)}', b"\r\n>")
            steps = moments.randrange(6)
            with Changes(self.state + "/modem0", self.state + CERTIFICATES) as changes:
                modem.send(content if steps else content[:moments.randrange(len(content))])
                changes.wait(steps)
                sim.kill()
            modem.close()
            self.assertIn(self.stored("a.pem"), (content, before) if steps else (before,))
            self.assertEqual(self.stored("b.pem"), OLD)
            self.assertEqual(sorted(os.listdir(self.state + CERTIFICATES)), ["a.pem", "b.pem"])
            sim = self.sim("--state", self.state)
            modem = self.modem(sim)
            modem.ask("AT+CCERTLIST", b'\r\n+CCERTLIST: "a.pem"\r\n+CCERTLIST: "b.pem"\r\n\r\nOK\r\n')
        sim.stop()
        self.assertEqual(os.listdir(self.state + "/modem0/nvram"), [])
        self.assertEqual(sorted(os.listdir(self.state + "/modem0")), ["certificates", "files", "nvram"])


class Full(kit.Case):
    """No room for the new file: ERROR, the old one stays, and the emulator goes on."""

    def fails_and_keeps(self, sim, modem, stored):
        modem.ask(f'AT+CCERTDOWN="a.pem",{len(NEW)}', b"\r\n>")
        modem.send(NEW)
        modem.until(rb"^\r\nERROR\r\n")
        self.assertEqual(kit.content(stored), OLD)
        modem.ask("AT+CCERTLIST", b'\r\n+CCERTLIST: "a.pem"\r\n\r\nOK\r\n')
        self.assertIn("'a.pem' not stored", sim.words())

    def test_file_size_limit(self):
        state = self.dir + "/state"
        limit = len(OLD) + 1000
        sim = self.sim("--state", state)
        modem = self.modem(sim)
        modem.upload("a.pem", OLD)
        resource.prlimit(sim.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        self.fails_and_keeps(sim, modem, state + CERTIFICATES + "a.pem")
        sim.kill()  # the log, too, is a file of limited size
        modem = self.modem(self.sim("--state", state))
        modem.upload("a.pem", NEW)

    def test_full_disk(self):
        """A tmpfs with room for one such file, in a mount namespace of its own."""
        disk = self.dir + "/disk"
        os.mkdir(disk)
        mount = 'mount -t tmpfs -o size=12k,mode=700 none "$DISK" && exec "$0" "$@"'
        wrap = ("unshare", "-m", "/bin/sh", "-c", mount)
        env = dict(self.env, DISK=disk)
        if subprocess.run([*wrap, "true"], env=env, check=False, capture_output=True, timeout=kit.DEADLINE).returncode:
            self.skipTest("no mount namespaces here")
        sim = self.sim("--state", disk + "/state", wrap=wrap, env=env)
        modem = self.modem(sim)
        modem.upload("a.pem", OLD)
        seen_by_it = f"/proc/{sim.process.pid}/root"  # its namespace's view
        self.fails_and_keeps(sim, modem, seen_by_it + disk + "/state" + CERTIFICATES + "a.pem")
        self.assertIn("No space left", sim.words())
        sim.stop()


class Temporary(kit.Case):
    """Without --state."""

    def folders(self):
        return sorted(os.listdir(self.dir + "/tmp"))

    def test_removed_at_the_end(self):
        sim = self.sim()
        self.modem(sim).upload("key.pem", OLD)
        (folder,) = self.folders()
        self.assertEqual(stat.S_IMODE(os.stat(self.dir + "/tmp/" + folder).st_mode), 0o700)
        sim.stop()
        self.nothing_left()

    def test_left_by_a_killed_emulator(self):
        """The next start removes it, keys and all, but nothing of an emulator that lives."""
        alive = self.sim("--link", self.dir + "/alive")
        self.modem(alive).upload("key.pem", OLD)
        living = self.folders()
        for _ in range(3):
            sim = self.sim("--link", self.dir + "/dead")
            self.modem(sim).upload("key.pem", OLD)
            sim.kill()
            self.assertEqual(len(self.folders()), 2)
        os.mkdir(self.dir + "/tmp/sim7600-state-others")
        sim = self.sim("--link", self.dir + "/new")
        self.assertEqual(len(self.folders()), 3)
        sim.stop()
        self.assertEqual(self.folders(), sorted(living + ["sim7600-state-others"]))
        self.modem(alive).ask("AT+CCERTLIST", b'\r\n+CCERTLIST: "key.pem"\r\n\r\nOK\r\n')
        alive.stop()
