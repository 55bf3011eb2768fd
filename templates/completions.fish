# Completion of maestro for fish. Made by `maestro completions fish`.
function __maestro_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] completions fish -- $words[2..-1] 2>/dev/null)
    # Without a candidate: files.
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c maestro -f -k -a '(__maestro_complete)'
