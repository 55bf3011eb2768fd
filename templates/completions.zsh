#compdef maestro
# Completion of maestro for zsh. Made by `maestro completions zsh`.
_maestro() {
    local -a lines items
    local line word about
    lines=("${(@f)$("${words[1]}" completions zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        [[ -z $line ]] && continue
        word=${line%%$'\t'*}
        about=${line#*$'\t'}
        items+=("${word//:/\\:}${about:+:$about}")
    done
    # Without a candidate: files.
    if (( ${#items} )); then
        _describe -V maestro items
    else
        _files
    fi
}
if [[ ${funcstack[1]} == _maestro ]]; then
    _maestro "$@"
else
    compdef _maestro maestro
fi
