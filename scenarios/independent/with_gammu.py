#!/usr/bin/python3
"""Debian's gammu takes the emulator for a modem: with_gammu.py BUILD SOURCE. It reads identity, registration and
operator through the published link. The signal is read by python3-gammu, the same library: 'gammu monitor' gives up
before it, at AT+CBC, whose answer on a SIM7600 is a voltage and not what 27.007 says."""
import os
import subprocess
import sys

import session

IDENTITY = {"Manufacturer": "SIMCOM INCORPORATED", "Model": "unknown (SIMCOM_SIM7600G-H)",
            "Firmware": "LE20B04SIM7600G22", "IMEI": "860123456789014", "SIM IMSI": "001010123456789"}
NETWORK = {"Network state": "home network", "Network": "001 01 (TEST, unknown), LAC 775C, CID 6F95933",
           "Packet network state": "home network", "Name in phone": '"Test PLMN"', "GPRS": "attached"}
SIGNAL = """import sys, gammu
phone = gammu.StateMachine()
phone.ReadConfig(Filename=sys.argv[1])
phone.Init()
print("Signal strength :", phone.GetSignalQuality()["SignalStrength"], "dBm")
phone.Terminate()
"""


def ask(modem, command, wanted):
    """Runs the command; its lines 'name : value' must hold those wanted."""
    env = dict(os.environ, HOME=modem.dir, LC_ALL="C.UTF-8")
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=2 * session.DEADLINE, check=False)  # gammu itself takes 5 s to start
    output = done.stdout.decode(errors="replace")
    got = {}
    for line in output.splitlines():
        name, _, value = line.partition(":")
        got[name.strip()] = value.strip()
    wrong = [name for name in wanted if got.get(name) != wanted[name]]
    if done.returncode != 0 or wrong:
        raise SystemExit(f"{command[0]} {command[-1]}: exit code {done.returncode}, " +
                         ", ".join(f"wanted {name}: {wanted[name]}" for name in wrong) + "\n" + output)


def main():
    session.need("gammu", "gammu")
    if subprocess.run([sys.executable, "-c", "import gammu"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        session.skip("the module gammu is not installed (Debian package python3-gammu)")
    with session.Emulator(sys.argv[1]) as modem:
        config = modem.dir + "/gammurc"
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"[gammu]\ndevice = {modem.port}\nconnection = at\n")
        ask(modem, ["gammu", "-c", config, "identify"], IDENTITY)
        ask(modem, ["gammu", "-c", config, "networkinfo"], NETWORK)
        ask(modem, [sys.executable, "-c", SIGNAL, config], {"Signal strength": "-81 dBm"})
    print("1 passed, 0 failed")


main()
