#!/usr/bin/python3
"""Debian's ModemManager takes the emulator for a SIM7600: with_modemmanager.py BUILD SOURCE pty|simtech|generic.

pty      ModemManager finds the emulator's pty as port ttyUSB2 of a USB device 1e0e:9001, probes it, and chooses its
         plugin by Debian's udev rules, as on hardware. What the kernel would say of that device is a folder of ours,
         which a mount namespace shows to ModemManager alone.
simtech, generic
         The plugin of that name, by ModemManager's test profile. That takes unix sockets and nothing else, and it
         probes nothing (general-commands.md C3.1).

ModemManager has a message bus of its own, which is also the system bus to it: it reaches no other program here.
"""
import json
import os
import signal
import subprocess
import sys
import time

import session

NAME = "org.freedesktop.ModemManager1"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={dir}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
# Paths into mmcli's JSON, and the values there; a tuple holds those that will do.
IDENTITY = {
    "modem.generic.state": "disabled",
    "modem.generic.manufacturer": "SIMCOM INCORPORATED",
    "modem.generic.model": "SIMCOM_SIM7600G-H",
    "modem.generic.revision": "LE20B04SIM7600G22",
    "modem.generic.equipment-identifier": "860123456789014",
    "modem.generic.power-state": "on",
    "modem.generic.unlock-required": "--",
    # some cards come without a PIN2
    "modem.generic.unlock-retries": (["sim-pin (3)", "sim-puk (10)", "sim-pin2 (3)", "sim-puk2 (10)"],
                                     ["sim-pin (3)", "sim-puk (10)", "sim-pin2 (0)", "sim-puk2 (10)"]),
    "modem.generic.supported-capabilities": ["gsm-umts, lte"],
    "modem.generic.supported-ip-families": ["ipv4", "ipv6", "ipv4v6"],
    "modem.3gpp.imei": "860123456789014",
    "modem.3gpp.enabled-locks": [],
}
SIM = {
    "sim.properties.iccid": "89882110000000000127",
    "sim.properties.imsi": "001010123456789",
    "sim.properties.operator-code": "00101",
    "sim.properties.operator-name": "Test PLMN",
}
REGISTERED = {
    "modem.generic.state": "registered",
    "modem.3gpp.registration-state": "home",
    "modem.3gpp.packet-service-state": "attached",
    "modem.3gpp.operator-code": "00101",
    "modem.3gpp.operator-name": "Test PLMN",
}
SIGNAL = {
    "modem.generic.access-technologies": ["lte"],
    "modem.generic.signal-quality.value": "51",  # CSQ 16 of 31
}
LOST = {
    "modem.generic.state": ("enabled", "searching"),
    "modem.3gpp.registration-state": ("idle", "searching"),
}
# DIR PTY COMMAND...: runs the command where /dev and /sys/class/tty are DIR/dev and DIR/class/tty.
SHOW_PORT = """
mount --bind /dev/null "$1/dev/null" &&
mount --bind "$2" "$1/dev/ttyUSB2" &&
mount --rbind "$1/dev" /dev &&
mount --bind "$1/class/tty" /sys/class/tty || exit
shift 2
exec "$@"
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def link(path, target):
    os.makedirs(target, exist_ok=True)
    os.symlink(target, path)


def usb_port(folder):
    """What sysfs says of ttyUSB2 of a SIM7600: interface 2 of device 1e0e:9001, driver 'option'."""
    device = folder + "/devices/usb1/1-1"
    interface = device + "/1-1:1.2"
    port = interface + "/ttyUSB2/tty/ttyUSB2"
    for name, text in {"idVendor": "1e0e", "idProduct": "9001", "manufacturer": "SimTech, Incorporated",
                       "product": "SimTech, Incorporated"}.items():
        write(f"{device}/{name}", text + "\n")
    for name, text in {"Number": "02", "Class": "ff", "SubClass": "00", "Protocol": "00"}.items():
        write(f"{interface}/bInterface{name}", text + "\n")
    os.makedirs(port)
    link(device + "/subsystem", folder + "/bus/usb")
    link(interface + "/subsystem", folder + "/bus/usb")
    link(interface + "/driver", folder + "/bus/usb/drivers/option")
    link(port + "/subsystem", folder + "/class/tty")
    link(folder + "/class/tty/ttyUSB2", port)
    write(folder + "/dev/ttyUSB2", "")
    write(folder + "/dev/null", "")


def in_namespace(folder, pty):
    """The words before a command that shall see the port. Skips the test where that is not possible."""
    flags = ["--mount"] if os.geteuid() == 0 else ["--mount", "--user", "--map-current-user", "--keep-caps"]
    words = ["unshare", *flags, "sh", "-c", SHOW_PORT, "sh", folder, os.path.realpath(pty)]
    trial = subprocess.run([*words, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if trial.returncode != 0:
        session.skip("no mount namespace here: " + trial.stderr.decode(errors="replace").strip())
    return words


class ModemManager:
    """ModemManager on a bus of its own, whose every signal is an occasion to look again."""

    def __init__(self, modem, before, *options):
        self.modem, self.log, self.failure = modem, modem.dir + "/ModemManager.log", ""
        write(modem.dir + "/bus.conf", BUS.format(dir=modem.dir))
        bus = modem.spawn(["dbus-daemon", "--config-file=" + modem.dir + "/bus.conf", "--nofork", "--nopidfile",
                           "--print-address=1"])
        address = session.Lines(bus.stdout).until(b"unix:").strip()
        self.env = dict(os.environ, HOME=modem.dir, LC_ALL="C.UTF-8", DBUS_SESSION_BUS_ADDRESS=address,
                        DBUS_SYSTEM_BUS_ADDRESS=address)
        self.signals = session.Lines(modem.spawn(
            ["dbus-monitor", "--session", f"type='signal',sender='{NAME}'",
             f"type='signal',member='NameOwnerChanged',arg0='{NAME}'"], self.env).stdout)
        self.signals.more(time.monotonic() + session.DEADLINE, "dbus-monitor's first word")
        with open(self.log, "wb") as log:
            self.process = modem.spawn([*before, session.need("modemmanager", "ModemManager"), "--debug",
                                        "--test-session", "--test-no-udev", "--test-no-suspend-resume",
                                        "--test-no-qrtr", "--no-auto-scan", *options], self.env, stderr=log)

    def command(self, *words):
        """The output, or None when it failed; then 'failure' says why."""
        done = subprocess.run(words, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=2 * session.DEADLINE, check=False)
        self.failure = done.stderr.decode(errors="replace")
        return done.stdout if done.returncode == 0 else None

    def until(self, done, what):
        """Waits until done() is true; it is asked again after each signal. what() says what is waited for."""
        end = time.monotonic() + session.DEADLINE
        while not done():
            self.signals.more(end, what())
            self.signals.rest = b""

    def read(self, kind):
        """What mmcli says of the only modem ("-m") or its SIM ("-i"): a flat dictionary, empty where there is none."""
        output = self.command("mmcli", "-J", kind, "any")
        flat = {}

        def add(path, value):
            if isinstance(value, dict):
                for key, part in value.items():
                    add(path + [key], part)
            else:
                flat[".".join(path)] = value
        add([], json.loads(output) if output else {})
        return flat

    def expect(self, kind, wanted):
        """Waits until mmcli says all of this."""
        wrong = {}

        def good():
            got = self.read(kind)
            wrong.clear()
            wrong.update({key: got.get(key) for key, value in wanted.items()
                          if got.get(key) not in (value if isinstance(value, tuple) else (value,))})
            return not wrong
        self.until(good, lambda: "".join(f"\n  {key}: {wanted[key]!r} instead of {wrong[key]!r}" for key in wrong))

    def words(self):
        """The end of its log."""
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-30:])


def start(modem, how):
    if how == "pty":
        folder = modem.dir + "/kernel"
        usb_port(folder)
        write(modem.dir + "/events", "action=add,subsystem=tty,name=ttyUSB2,uid=sim7600\n")
        before = in_namespace(folder, modem.port)
        return ModemManager(modem, before, f"--initial-kernel-events={modem.dir}/events")
    manager = ModemManager(modem, [], "--test-enable")

    def is_there():
        return manager.command("dbus-send", "--session", "--print-reply", "--dest=" + NAME,
                               "/" + NAME.replace(".", "/"), NAME + ".Test.SetProfile", "string:sim7600",
                               "string:" + how, "array:string:" + modem.port.removeprefix("unix:")) is not None
    manager.until(is_there, lambda: f"a device by SetProfile ({manager.failure})")
    return manager


def change_the_world(modem, manager, plugin):
    """What the modem reports unasked arrives: +CREG, +CGREG, +CEREG; with the simtech plugin also +CNSMOD and +CSQ,
    which the generic one asks for twice a minute instead."""
    modem.set({"network": "none"})
    manager.expect("-m", LOST)
    modem.set({"network": "roaming"})
    manager.expect("-m", dict(REGISTERED, **{"modem.3gpp.registration-state": "roaming"}))
    modem.set({"network": "home"})
    manager.expect("-m", REGISTERED)
    if plugin != "generic":
        manager.expect("-m", SIGNAL)
        modem.set({"signal.dbm": -99})
        manager.expect("-m", dict(SIGNAL, **{"modem.generic.signal-quality.value": "22"}))  # CSQ 7


def main():
    build, _, how = sys.argv[1:]
    session.need("modemmanager", "ModemManager", "mmcli")
    session.need("dbus-daemon", "dbus-daemon", "dbus-monitor", "dbus-send")
    options = [] if how == "pty" else ["--listen", "unix:{dir}/modem0"]
    plugin = "generic" if how == "generic" else "simtech"
    with session.Emulator(build, *options) as modem:
        manager = start(modem, how)
        try:
            manager.expect("-m", dict(IDENTITY, **{"modem.generic.plugin": plugin}))
            manager.expect("-i", SIM)
            if manager.command("mmcli", "-m", "any", "-e", f"--timeout={session.DEADLINE}") is None:
                raise SystemExit("mmcli could not enable the modem: " + manager.failure)
            manager.expect("-m", dict(REGISTERED, **SIGNAL))
            change_the_world(modem, manager, plugin)
        except BaseException:
            print(manager.words(), file=sys.stderr)
            raise
        manager.process.send_signal(signal.SIGTERM)
        if manager.process.wait(session.DEADLINE) != 0:
            raise SystemExit("ModemManager did not end well\n" + manager.words())
    print("1 passed, 0 failed")


main()
