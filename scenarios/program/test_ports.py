"""Ways in: pty and its link, TCP, unix, serial; several modems; start, end and restart of the program."""
import glob
import os
import re
import signal
import socket
import stat
import subprocess
import termios

import kit

IMEI = rb"^\r\n(\d{15})\r\n\r\nOK\r\n$"
BOOT = b"\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n"


def connected(where):
    kind, rest = where.split(":", 1)
    if kind == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.connect(rest)
        return s
    host, port = rest.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), kit.DEADLINE)


class Link(kit.Case):
    def test_default_link_in_the_runtime_folder(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            sim = self.sim()
            self.assertEqual(sim.path, self.dir + "/run/sim7600/modem0")
            self.assertTrue(os.readlink(sim.path).startswith("/dev/pts/"))
            self.assertEqual(stat.S_IMODE(os.stat(self.dir + "/run/sim7600").st_mode), 0o700)
            self.modem(sim).alive()
            sim.stop(number)
            self.nothing_left()

    def test_default_link_without_a_runtime_folder(self):
        env = {k: v for k, v in self.env.items() if k != "XDG_RUNTIME_DIR"}
        before = set(glob.glob("/tmp/sim7600-??????"))
        sim = self.sim(env=env)
        self.assertRegex(sim.path, r"^/tmp/sim7600-[A-Za-z0-9]{6}/modem0$")
        folder = os.path.dirname(sim.path)
        self.assertNotIn(folder, before)
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        self.modem(sim).alive()
        sim.stop()
        self.assertFalse(os.path.exists(folder))
        self.nothing_left()

    def test_explicit_and_relative_link(self):
        sim = self.sim("--link", "my modem", cwd=self.dir)
        self.assertEqual(sim.path, "my modem")
        kit.Port(self, self.dir + "/my modem").ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop()
        self.assertFalse(os.path.lexists(self.dir + "/my modem"))

    def test_second_emulator_on_the_same_link(self):
        path = self.dir + "/modem0"
        sim = self.sim("--link", path)
        modem = self.modem(sim)
        target = os.readlink(path)
        self.refused(1, [path, "running emulator", "--link"], "--link", path)
        self.assertEqual(os.readlink(path), target)
        modem.alive()
        self.modem(sim).alive()
        sim.stop()

    def test_kill_and_start_again(self):
        path = self.dir + "/modem0"
        for _ in range(3):
            sim = self.sim("--link", path, "--state", self.dir + "/state", "--control", self.dir + "/control")
            self.modem(sim).alive()
            sim.kill()
            self.assertTrue(os.path.islink(path))
        sim = self.sim("--link", path, "--state", self.dir + "/state", "--control", self.dir + "/control")
        self.modem(sim).alive()
        sim.stop()
        self.assertEqual(sorted(os.listdir(self.dir)), ["log", "run", "state", "tmp"])

    def test_occupied_names_stay_as_they_are(self):
        path = self.dir + "/modem0"
        with open(path, "w", encoding="ascii") as f:
            f.write("mine")
        self.refused(1, [path, "not a link of an emulator", "--link"], "--link", path)
        self.assertEqual(kit.content(path), b"mine")
        os.unlink(path)
        os.mkdir(path)
        self.refused(1, [path, "not a link of an emulator"], "--link", path)
        os.rmdir(path)
        for target in ("/etc/hostname", "/nowhere", "/dev/null"):
            os.symlink(target, path)
            self.refused(1, [path, target, "not a link of an emulator"], "--link", path)
            self.assertEqual(os.readlink(path), target)
            os.unlink(path)

    def test_link_that_was_taken_over_is_left_alone(self):
        path = self.dir + "/modem0"
        sim = self.sim("--link", path)
        os.unlink(path)
        os.symlink("/dev/null", path)
        sim.stop()
        self.assertEqual(os.readlink(path), "/dev/null")

    def test_client_that_comes_and_goes(self):
        sim = self.sim()
        for _ in range(50):
            modem = kit.Port(self, sim.path)
            modem.send(b"AT+CGS")  # half a command, and away
            modem.close()
        modem = kit.Port(self, sim.path)
        modem.send(b"\r")
        modem.until(rb"\r\n(ERROR|\+CME ERROR[^\r]*)\r\n")
        self.modem(sim).alive()
        sim.stop()

    def test_client_that_leaves_the_terminal_cooked(self):
        sim = self.sim()
        self.modem(sim).alive()
        subprocess.run(["stty", "-F", sim.path, "sane"], check=True, timeout=kit.DEADLINE)
        modem = kit.Port(self, sim.path)
        for _ in range(3):
            modem.alive()
        sim.stop()


class Boot(kit.Case):
    def test_boot_says_what_hardware_says(self):
        sim = self.sim("--boot")
        modem = kit.Port(self, sim.path)
        self.assertEqual(modem.until(rb"PB DONE\r\n"), BOOT)
        modem.ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop()

    def test_no_boot_is_silent(self):
        modem = kit.Port(self, self.sim().path)
        modem.ask("AT", b"AT\r\r\nOK\r\n")


class Several(kit.Case):
    def imeis(self, ports):
        found = set()
        for port in ports:
            port.send(b"ATE0\r")
            port.until(rb"\r\nOK\r\n")
            found.add(re.match(IMEI, port.final("AT+CGSN"))[1])
        return found

    def test_three_ptys(self):
        base = self.dir + "/port0"
        sim = self.sim("--count", "3", "--link", base, ready=3)
        self.assertEqual(sim.paths, [self.dir + f"/port{i}" for i in range(3)])
        self.assertEqual(len(self.imeis([kit.Port(self, p) for p in sim.paths])), 3)
        sim.stop()
        self.assertEqual(sorted(os.listdir(self.dir)), ["log", "run", "tmp"])

    def test_one_of_three_links_is_taken(self):
        first = self.sim("--link", self.dir + "/port2")
        self.refused(1, ["/port2", "running emulator"], "--count", "3", "--link", self.dir + "/port0")
        self.assertEqual(sorted(os.listdir(self.dir)), ["log", "port2", "run", "tmp"])
        self.modem(first).alive()

    def test_three_on_free_tcp_ports(self):
        sim = self.sim("--count", "3", "--listen", "tcp:127.0.0.1:0", ready=3)
        self.assertEqual(len(set(sim.paths)), 3)
        self.assertEqual(len(self.imeis([kit.Port(self, connected(p)) for p in sim.paths])), 3)
        sim.stop()

    def test_sixty_four(self):
        sim = self.sim("--count", "64", "--link", self.dir + "/m", ready=64)
        for path in (sim.paths[0], sim.paths[63]):
            kit.Port(self, path).ask("AT", b"AT\r\r\nOK\r\n")
        self.assertEqual(sim.paths[63], self.dir + "/m63")
        sim.stop()

    def test_modems_do_not_share_files(self):
        sim = self.sim("--count", "2", ready=2)
        self.modem(sim, 0).upload("a.pem", b"x")
        self.modem(sim, 1).ask("AT+CCERTLIST", b"\r\nOK\r\n")
        sim.stop()
        self.nothing_left()


class Listen(kit.Case):
    def test_all_kinds_at_once(self):
        path = self.dir + "/at.sock"
        sim = self.sim("--listen", "tcp:127.0.0.1:0", "--listen", "unix:" + path, "--listen", "tcp:[::1]:0", ready=3)
        self.assertRegex(sim.paths[0], r"^tcp:127\.0\.0\.1:[1-9]\d*$")
        self.assertEqual(sim.paths[1], "unix:" + path)
        self.assertRegex(sim.paths[2], r"^tcp:\[::1\]:[1-9]\d*$")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        for where in sim.paths:
            kit.Port(self, connected(where)).ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop(signal.SIGINT)
        self.assertFalse(os.path.exists(path))

    def test_client_after_client(self):
        sim = self.sim("--listen", "tcp:127.0.0.1:0")
        for _ in range(20):
            port = kit.Port(self, connected(sim.path))
            port.send(b"ATE0\r")
            port.until(rb"\r\nOK\r\n")
            port.upload("a.pem", b"x" * 2000)
            port.close()
            one_shot = connected(sim.path)  # as 'printf | nc' does: the answer comes although the client has sent FIN
            one_shot.settimeout(kit.DEADLINE)
            one_shot.sendall(b"ATI\r")
            one_shot.shutdown(socket.SHUT_WR)
            got = b"".join(iter(lambda s=one_shot: s.recv(4096), b""))
            one_shot.close()
            self.assertIn(b"Manufacturer", got)
        sim.stop()

    def test_client_right_after_client(self):
        """Bytes, the end and the next client may reach the emulator in one wake-up."""
        sim = self.sim("--listen", "tcp:127.0.0.1:0")
        for _ in range(200):
            for _ in range(2):
                hasty = connected(sim.path)
                hasty.sendall(b"AT\r")
                hasty.close()
            port = kit.Port(self, connected(sim.path))
            port.send(b"ATE0\r")
            port.until(rb"\r\nOK\r\n")
            port.close()
        sim.stop()

    def test_second_client_is_sent_away(self):
        sim = self.sim("--listen", "unix:" + self.dir + "/s")
        first = kit.Port(self, connected(sim.path))
        first.ask("AT", b"AT\r\r\nOK\r\n")
        second = connected(sim.path)
        second.settimeout(kit.DEADLINE)
        self.assertEqual(second.recv(10), b"")
        second.close()
        first.ask("AT", b"AT\r\r\nOK\r\n")
        sim.stop()
        self.assertIn("second client", sim.words())

    def test_address_in_use(self):
        sim = self.sim("--listen", "tcp:127.0.0.1:0")
        self.refused(1, [sim.path, "in use"], "--listen", sim.path)
        other = self.sim("--listen", "unix:" + self.dir + "/s")
        self.refused(1, [self.dir + "/s", "running program"], "--listen", "unix:" + self.dir + "/s")
        other.stop()
        sim.stop()

    def test_socket_file_of_a_killed_emulator(self):
        sim = self.sim("--listen", "unix:" + self.dir + "/s")
        sim.kill()
        again = self.sim("--listen", "unix:" + self.dir + "/s")
        kit.Port(self, connected(again.path)).ask("AT", b"AT\r\r\nOK\r\n")
        again.stop()


def speed(fd):
    return termios.tcgetattr(fd)[4:6]


def set_speed(fd, code):
    """Of the client's end of a pty; code as in termios.B9600."""
    settings = termios.tcgetattr(fd)
    settings[4:6] = [code, code]
    termios.tcsetattr(fd, termios.TCSANOW, settings)


class Speed(kit.Case):
    """baud = checked: a client on a pty must run at the modem's speed."""

    def checked(self):
        with open(self.dir + "/checked.profile", "w", encoding="ascii") as f:
            f.write("baud = checked\n")
        sim = self.sim("--profile", self.dir + "/checked.profile", "--trace", self.dir + "/trace")
        return sim, self.modem(sim)

    def heard(self, number, modem):
        """The modem has read what the client sent at that speed."""
        event = f'"event":"uart.speed","client":{number},"modem":{modem}'.encode()
        kit.wait_until(lambda: event in kit.content(self.dir + "/trace"), event)

    def test_fresh_pty_runs_at_the_modems_speed(self):
        sim, modem = self.checked()
        self.assertEqual(speed(modem.fd), [termios.B115200, termios.B115200])
        modem.alive()
        sim.stop()

    def test_wrong_speed_is_not_understood(self):
        sim, modem = self.checked()
        for code, number in ((termios.B9600, 9600), (termios.B57600, 57600), (termios.B230400, 230400)):
            with self.subTest(number):
                set_speed(modem.fd, code)
                modem.send(b"AT\r")
                self.heard(number, 115200)
                set_speed(modem.fd, termios.B115200)
                # what was heard may be part of a line: an end of it, then a command of our own
                modem.send(b"\rAT+CSQ\r")
                self.assertNotIn(b"\r\nOK\r\n", modem.until(rb"\+CSQ: 16,99\r\n"))
                modem.until(rb"^\r\nOK\r\n")
        sim.stop()

    def test_hung_up_client_reaches_nobody(self):
        sim, modem = self.checked()
        set_speed(modem.fd, termios.B0)
        modem.send(b"AT\r")
        self.heard(0, 115200)
        set_speed(modem.fd, termios.B115200)
        modem.ask("AT+CSQ", b"\r\n+CSQ: 16,99\r\n\r\nOK\r\n")
        sim.stop()

    def test_a_mass_of_garbage(self):
        """Both ways: nothing is stuck, and all is well when the speeds agree."""
        sim, modem = self.checked()
        modem.ok("AT+IPR=9600")
        for _ in range(20):
            modem.send(b"\xaaAT+CMEE=?;&V\r" * 2000)
        set_speed(modem.fd, termios.B9600)
        kit.wait_until(lambda: modem.final("AT").endswith(b"\r\nOK\r\n"), "an answer")
        sim.stop()


class Serial(kit.Case):
    def serial(self):
        """A pty whose master is the board, named by a link as udev names an adapter."""
        master, slave, path = kit.raw_pty()
        link = self.dir + "/ttyUSB0"
        os.symlink(path, link + ".new")
        os.rename(link + ".new", link)
        return kit.Port(self, master), slave, link

    def test_serial_port(self):
        board, slave, link = self.serial()
        for argument in (link, link + ":9600"):
            sim = self.sim("--serial", argument)
            self.assertEqual(sim.path, "serial:" + link)
            board.ask("AT", b"AT\r\r\nOK\r\n")
            sim.stop()
        os.close(slave)

    def test_unplugged_and_plugged_in_again(self):
        board, slave, link = self.serial()
        sim = self.sim("--serial", link)
        board.ask("ATE0", b"ATE0\r\r\nOK\r\n")
        os.close(slave)
        board.close()
        board, slave, link = self.serial()
        board.alive()  # the same modem: the echo is still off
        sim.stop()
        os.close(slave)
        self.assertRegex(sim.words(), r"is gone: .*waiting for it to come back\n.* is back\n$")

    def test_speed_follows_the_modem(self):
        board, slave, link = self.serial()
        sim = self.sim("--serial", link)
        board.ask("ATE0", b"ATE0\r\r\nOK\r\n")
        for command, code in (("AT+IPR=9600", termios.B9600), ("AT+IPR=57600", termios.B57600)):
            board.ok(command)
            kit.wait_until(lambda c=code: speed(board.fd) == [c, c], command)
            board.alive()
        board.ok("AT+CRESET")  # back to the stored one
        board.until(re.escape(BOOT))
        kit.wait_until(lambda: speed(board.fd) == [termios.B115200] * 2, "115200")
        board.ask("AT+IPR=3200000", b"AT+IPR=3200000\r\r\nOK\r\n")
        kit.wait_until(lambda: "cannot run at 3200000" in sim.words(), "a word about 3200000")
        self.assertEqual(speed(board.fd), [termios.B115200] * 2)
        sim.stop()
        os.close(slave)

    def test_speed_of_the_option_is_the_modems(self):
        board, slave, link = self.serial()
        sim = self.sim("--serial", link + ":9600")
        board.ask("ATE0", b"ATE0\r\r\nOK\r\n")
        board.ask("AT+IPR?", b"\r\n+IPR: 9600\r\n\r\nOK\r\n")
        board.ok("AT+IPR=57600")
        board.ok("AT+CRESET")
        board.until(re.escape(BOOT))
        board.ask("AT+IPR?", b"AT+IPR?\r\r\n+IPR: 9600\r\n\r\nOK\r\n")
        kit.wait_until(lambda: speed(board.fd) == [termios.B9600] * 2, "9600")
        sim.stop()
        os.close(slave)

    def test_end_while_unplugged(self):
        board, slave, link = self.serial()
        sim = self.sim("--serial", link)
        os.close(slave)
        board.close()
        sim.stop()
