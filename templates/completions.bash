# Completion of maestro for bash. Made by `maestro completions bash`.
_maestro() {
    local line=${COMP_LINE:0:COMP_POINT} current prefix
    local -a words
    # Bash takes words apart at = and :, which stand in names of steps; maestro does not.
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=${words[${#words[@]}-1]}
    prefix=${current%"${current##*[=:]}"}
    COMPREPLY=()
    local word
    while IFS= read -r word; do
        word=${word#"$prefix"}
        # A name with $( or * stays a name. A tilde or = at the end stays as it is.
        [[ $word == *[!A-Za-z0-9_./,:@%+=~-]* ]] && printf -v word %q "$word"
        COMPREPLY+=("$word")
    done < <("${words[0]}" completions bash -- "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
# Without a candidate the shell offers files.
complete -o bashdefault -o default -F _maestro maestro
