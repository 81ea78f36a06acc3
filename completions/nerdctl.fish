# fish completion for nerdctl: this file in a directory of $fish_complete_path, or
#   nerdctl completion fish | source
# Aliases need nothing. For a link to the program: complete -c NAME -w nerdctl

function __nerdctl_complete
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    command -q -- $program; or set program nerdctl
    set -l lines (command $program __complete $words "$current" 2>/dev/null </dev/null)
    set -l directive (string match -r '^:(\d+)$' -- $lines[-1])[2]
    test -n "$directive"; or return
    set -e lines[-1]

    # The words for --flag=VALUE are those of the value.
    set -l flag (string match -r '^-[^=]*=' -- "$current")
    if set -q lines[1]
        for line in $lines
            echo -- "$flag$line"
        end
    else if test (math "bitand($directive, 16)") -ne 0
        for path in (__fish_complete_directories (string replace -- "$flag" '' "$current"))
            echo -- "$flag$path"
        end
    else if test (math "bitand($directive, 5)") -eq 0
        for path in (__fish_complete_path (string replace -- "$flag" '' "$current"))
            echo -- "$flag$path"
        end
    end
end

complete -c nerdctl -e
complete -c nerdctl -f -a '(__nerdctl_complete)'
# docker is this program where it is a link to it.
if set -l docker (command -s docker); and string match -q '*/nerdctl' -- (realpath -- $docker 2>/dev/null)
    complete -c docker -w nerdctl
end
