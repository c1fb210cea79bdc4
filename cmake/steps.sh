# shellcheck shell=bash
# Sourced by demo and check: installs, builds, and runs programs so that Ctrl-C ends all they started.
# The one who sources it sets 'root', the checkout.
: "${root:?}"

# Every process we start, and every one that those start, has this mark and the number of its step in
# its environment; some go into process groups and sessions of their own.
mark=$$-$RANDOM$RANDOM
steps=0
export HIL_STEPS=${HIL_STEPS:+$HIL_STEPS,}$mark

# Starts COMMAND in a process group of its own; sets 'step' for await_step. Ctrl-C then reaches only
# the script, which passes it on and waits for the end.
start_step() { # COMMAND...
    steps=$((steps + 1))
    set -m
    HIL_STEPS=$HIL_STEPS.$steps "$@" </dev/null &
    set +m
    step=$!.$steps
}

# Waits for the end of a step; its exit status.
await_step() { # STEP
    local status=0
    wait "${1%.*}" || status=$?
    end_marked "[.]${1#*.}"
    return "$status"
}

run_step() { # COMMAND...
    start_step "$@"
    await_step "$step"
}

# Until process PID has ended, but no longer than SECONDS.
await_end() { # PID SECONDS
    timeout "$2" tail -s 0.05 --pid="$1" -f /dev/null || true
}

# What a program left behind is its mistake, but nobody's to keep.
end_marked() { # STEP-PATTERN
    local signal pid
    for signal in TERM KILL; do
        for pid in $(marked "$1"); do
            kill "-$signal" "$pid" 2>/dev/null && await_end "$pid" 5
        done
    done
}

# The processes of a step. One that has just ended, or is another user's, cannot be read.
marked() { # STEP-PATTERN
    grep -lzE -- "^HIL_STEPS=(.*,)?$mark$1(,|\$)" /proc/[0-9]*/environ 2>/dev/null |
        while IFS=/ read -r _ _ pid _; do
            [ "$pid" = $$ ] || printf '%s\n' "$pid"
        done
}

# SIGNAL to all running programs, and again if they have not ended after SECONDS: modemtest tears down
# at the first and kills at the second.
stop_steps() { # SIGNAL SECONDS
    local group
    for group in $(jobs -p) $(jobs -p); do
        kill "-$1" -- "-$group" 2>/dev/null && await_end "$group" "$2"
    done
    end_marked '[.][0-9]+'
    wait 2>/dev/null || true
}

# Debian's packages of these groups. In the foreground: sudo may ask for a password.
install_packages() { # GROUP...
    "$root/cmake/install-packages" "$@"
}

# Configures and builds a preset; says nothing but why it failed. One at a time per checkout.
build_preset() { # PRESET LOG [TARGET...]
    local preset=$1 log=$2
    shift 2
    mkdir -p "$root/build"
    (
        flock 9
        cd "$root" || exit 1
        # a checkout that was moved or copied has the old place in its cache
        cmake --preset "$preset" >"$log" 2>&1 || cmake --fresh --preset "$preset" >"$log" 2>&1 || exit 1
        exec cmake --build --preset "$preset" ${1:+--target "$@"} >>"$log" 2>&1
    ) 9>"$root/build/.lock"
}
