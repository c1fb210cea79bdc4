#!/bin/sh
# The same from a shell: an emulator, its control socket, and a client that finds the modem with its network gone.
#   control.sh FOLDER-OF-THE-PROGRAMS
set -eu

bin=$1
folder=$(mktemp -d)
"$bin/sim7600" --link "$folder/modem0" --control "$folder/control" >"$folder/ready" &
emulator=$!
trap 'kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; rm -rf -- "$folder"' EXIT
export SIM7600_CONTROL="$folder/control"
ctl="$bin/sim7600ctl"

while ! grep -q ready "$folder/ready"; do # its own line says when it can be used
    kill -0 "$emulator"
done

"$ctl" list
"$ctl" time 0                   # nothing that is modelled takes time
"$ctl" set network=none signal.dbm=-110
"$ctl" state | grep registration
"$ctl" fault uart.drop from=host at=2 when.event=at 'when.text=AT+CSQ*'
"$ctl" faults
"$ctl" clear

# the client: a line to the pty, and what comes back (raw: the line discipline of the shell's end must not echo)
exec 3<>"$folder/modem0"
printf 'ATE0\r' >&3
head -n 2 <&3 >"$folder/said"
printf 'AT+CREG?\r' >&3
head -n 2 <&3 | tail -n 1
exec 3>&-

"$ctl" coverage | grep -- '+CREG'
"$ctl" why command=+CREG
if "$ctl" set signal.dbm=7; then exit 1; fi
echo "done"
