"""What the program gives a modem from files: the track it moves on, and the drives of its file system."""
import os
import stat

import kit

TRACK = b"# stands\n0,48.91070705,2.838222567,17.6,0,\n"
PLACE = b"4854.642423,N,00250.293354,E"
CONTENT = bytes(range(256)) * 300


class Track(kit.Case):
    def written(self, name, content):
        with open(self.dir + "/" + name, "wb") as f:
            f.write(content)
        return self.dir + "/" + name

    def test_fix_on_a_track(self):
        profile = self.written("profile", b"extend = sim7600\ngnss.cold_ms = 0\n")
        track = self.written("track", TRACK)
        sim = self.sim("--profile", profile, "--gnss-track", track, "--count", "2", ready=2)
        for number in range(2):
            modem = self.modem(sim, number)
            modem.ok("AT+CGPS=1")
            modem.ok("AT+CGPSINFO=1")
            modem.until(rb"\r\n\+CGPSINFO: " + PLACE + rb",\d{6},\d{6}\.00,17\.6,0\.0,\r\n")
        sim.stop()

    def test_refused(self):
        for content, words in (
                (b"", ["line 1", "seconds,latitude,longitude"]),
                (b"0,1,2\n0,1,2\n", ["line 2", "seconds must grow"]),
                (b"0,91,2\n", ["line 1", "latitude", "'91'", "-90 to 90"]),
                (b"0,1,2,3,4,5,6\n", ["line 1", "more than 6 fields"]),
                (b"#" * (16 * 1024 * 1024 + 1), ["too large"])):
            with self.subTest(content[:20]):
                path = self.written("track", content)
                self.refused(2, ["--gnss-track", path, *words], "--gnss-track", path)
        self.refused(2, ["--gnss-track", "No such file"], "--gnss-track", self.dir + "/none")
        self.refused(2, ["--gnss-track", "Is a directory"], "--gnss-track", self.dir)
        self.refused(2, ["--gnss-track", "empty"], "--gnss-track", "")


class Drives(kit.Case):
    def stored(self, modem):
        modem.ask('AT+CFTRANTX="C:/dir/all.bin"',
                  b"\r\n+CFTRANTX: DATA,%d\r\n%s\r\n+CFTRANTX: 0\r\n\r\nOK\r\n" % (len(CONTENT), CONTENT))

    def test_kept_with_state(self):
        state = self.dir + "/state"
        sim = self.sim("--state", state)
        modem = self.modem(sim)
        modem.ok("AT+FSMKDIR=dir")
        modem.ask(f'AT+CFTRANRX="C:/dir/all.bin",{len(CONTENT)}', b"\r\n>")
        modem.send(CONTENT)
        modem.until(rb"\r\nOK\r\n")
        self.stored(modem)
        sim.stop()
        path = state + "/modem0/files/C|dir|all.bin"
        self.assertEqual(kit.content(path), CONTENT)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)
        sim = self.sim("--state", state)
        modem = self.modem(sim)
        self.stored(modem)
        modem.ok("AT+FSDEL=dir/all.bin;+FSRMDIR=dir")
        sim.stop()
        self.assertEqual(os.listdir(state + "/modem0/files"), [])
