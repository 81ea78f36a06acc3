# shellcheck shell=bash
# bash completion for nerdctl: bash 4 or newer; the bash-completion package is not needed.
#   source <(nerdctl completion bash)
# For another name of the program: complete -o default -F __start_nerdctl NAME

# The word without the shell's quotes; nothing in it is run or expanded.
__nerdctl_unquote() { # sets REPLY
  local text=$1 char quote='' i
  REPLY=''
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    if [[ $char == "$quote" ]]; then
      quote=''
    elif [[ -z $quote && $char == [\"\'] ]]; then
      quote=$char
    elif [[ $char == \\ && $quote != \' ]]; then
      i=$((i + 1))
      REPLY+=${text:i:1}
    else
      REPLY+=$char
    fi
  done
}

# The words up to the cursor. bash cuts them at = and : as well and replaces the last piece alone; $head is what stays.
__nerdctl_words() { # sets words, head
  local rest=$COMP_LINE trimmed piece blank i count
  words=()
  head=''
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[^[:blank:]]*}
    trimmed=${rest#"$blank"}
    piece=${COMP_WORDS[i]}
    rest=${trimmed#"$piece"}
    if ((i == COMP_CWORD)); then
      count=$((COMP_POINT - ${#COMP_LINE} + ${#trimmed}))
      piece=${piece:0:count > 0 ? count : 0}
    fi
    __nerdctl_unquote "$piece"
    if [[ -z $blank && $i -gt 0 ]]; then
      count=$((${#words[@]} - 1))
      head=${words[count]}
      words[count]+=$REPLY
      [[ -n $piece && -z ${piece//[=:]/} ]] && head=${words[count]}
    else
      head=''
      words+=("$REPLY")
    fi
  done
}

# What runs for the first word: an alias stands for its own words, and no completion asks for a password.
__nerdctl_program() { # sets program
  program=("${1/#\~\//$HOME/}")
  if [[ -n ${BASH_ALIASES[$1]-} ]]; then
    read -ra program <<<"${BASH_ALIASES[$1]}"
    if [[ ${program[0]} == sudo ]]; then
      program=("${program[@]:1}")
      while [[ ${program[0]-} == -* ]]; do program=("${program[@]:1}"); done
    fi
  fi
  type -P -- "${program[0]-}" >/dev/null || program=(nerdctl)
}

# Each word with its meaning, as wide as the terminal.
__nerdctl_describe() { # changes COMPREPLY, by meanings
  local i longest=0 room
  for i in "${COMPREPLY[@]}"; do ((${#i} > longest)) && longest=${#i}; done
  room=$((${COLUMNS:-80} - longest - 6))
  ((room > 15)) || return
  for i in "${!COMPREPLY[@]}"; do
    [[ -n ${meanings[i]} ]] || continue
    ((${#meanings[i]} <= room)) || meanings[i]=${meanings[i]:0:room-3}...
    printf -v 'COMPREPLY[i]' '%-*s  (%s)' "$longest" "${COMPREPLY[i]}" "${meanings[i]}"
  done
}

__start_nerdctl() {
  local -a words=() program=() lines=() meanings=()
  local REPLY head current flag='' line value directive
  COMPREPLY=()
  __nerdctl_words
  __nerdctl_program "${words[0]}"
  mapfile -t lines < <("${program[@]}" __complete "${words[@]:1}" 2>/dev/null </dev/null)
  ((${#lines[@]} > 0)) || return
  directive=${lines[${#lines[@]} - 1]#:}
  unset 'lines[${#lines[@]}-1]'
  [[ $directive =~ ^[0-9]+$ ]] && ((!(directive & 1))) || return

  current=${words[${#words[@]} - 1]}
  [[ $current == -*=* ]] && flag=${current%%=*}=
  for line in "${lines[@]}"; do
    value=$flag${line%%$'\t'*}
    [[ $value == "$current"* ]] || continue
    COMPREPLY+=("${value#"$head"}")
    [[ $line == *$'\t'* ]] && meanings+=("${line#*$'\t'}") || meanings+=('')
  done

  if ((${#COMPREPLY[@]} == 0)); then
    ((directive & 4)) && compopt +o default 2>/dev/null
    if ((directive & 16)); then
      compopt +o default -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "${current#"$head"}")
    fi
    return
  fi
  if ((${#COMPREPLY[@]} == 1)); then
    [[ ${COMPREPLY[0]} == *[=:,/] ]] && directive=$((directive | 2))
  elif [[ ${COMP_TYPE-} == 63 || ${COMP_TYPE-} == 33 || ${COMP_TYPE-} == 64 ]]; then
    # Only for the eye: what is inserted are words.
    __nerdctl_describe
  fi
  ((directive & 2)) && compopt -o nospace 2>/dev/null
  return 0
}

complete -o default -F __start_nerdctl nerdctl
# docker is this program where it is an alias of it, or a link to it.
if [[ ${BASH_ALIASES[docker]-} == *nerdctl* ]] ||
  [[ -n $(type -P docker) && $(readlink -f -- "$(type -P docker)") == */nerdctl ]]; then
  complete -o default -F __start_nerdctl docker
fi
