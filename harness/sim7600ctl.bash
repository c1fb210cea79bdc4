# Completion of sim7600ctl for bash: the words come from the running emulator, of --control or SIM7600_CONTROL.
_sim7600ctl() {
    local current=${COMP_WORDS[COMP_CWORD]} words=() control=() i line
    # bash cuts words at = and :, the words of sim7600ctl have them inside
    local typed=${COMP_LINE:0:COMP_POINT}
    read -ra words <<<"$typed"
    [[ $typed == *[[:space:]] ]] && words+=("")
    current=${words[${#words[@]} - 1]}
    local before=() given=()
    ((${#words[@]} < 3)) || before=("${words[@]:1:${#words[@]}-2}")
    for ((i = 0; i < ${#before[@]}; i++)); do
        case ${before[i]} in
        --control)
            control=(--control "${before[i + 1]-}")
            i=$((i + 1))
            ;;
        --control=*) control=("${before[i]}") ;;
        --*) ;;
        *) given+=("${before[i]}") ;;
        esac
    done
    COMPREPLY=()
    if ((${#before[@]} > 0)) && [ "${before[${#before[@]} - 1]}" = --control ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--control --json --version --help' -- "$current")
        return
    fi
    while IFS= read -r line; do
        [[ $line == "$current"* ]] || continue
        # what bash itself has already put before the cursor must not be repeated
        [[ $current == *=* ]] && line=${line#"${current%=*}="}
        COMPREPLY+=("$line")
    done < <("${words[0]}" "${control[@]}" --complete "${given[@]}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
complete -F _sim7600ctl sim7600ctl
