# shellcheck shell=sh disable=SC2154 # the variables of set_places
# Sourced: BuildKit in the namespaces of the user's containerd. An instance is called `buildkit`, with a store of its own,
# or `NAMESPACE-buildkit`, which works in that namespace of containerd.

buildkit_places() { wanted_buildkits=$config_home/containerd-rootless; }

# Sets $instance and $buildkit_socket.
name_buildkit() { # oci | NAMESPACE
  case $1 in
  oci) instance=buildkit buildkit_socket=$XDG_RUNTIME_DIR/buildkit/buildkitd.sock ;;
  */* | -* | '') fail "'$1' cannot be a namespace of containerd" ;;
  *) instance=$1-buildkit buildkit_socket=$XDG_RUNTIME_DIR/buildkit-$1/buildkitd.sock ;;
  esac
}

run_buildkit() { # oci | NAMESPACE, then options of buildkitd; replaces this process
  name_buildkit "$1"
  worker=$1
  shift
  have buildkitd || fail "buildkitd is not installed"
  set -- "--addr=unix://$buildkit_socket" "$@"
  if [ "$worker" = oci ]; then
    set -- "--root=$data_home/buildkit" --oci-worker=true --oci-worker-rootless=true --containerd-worker=false "$@"
  else
    snapshotter=${CONTAINERD_SNAPSHOTTER:-}
    [ -z "$snapshotter" ] || set -- "--containerd-worker-snapshotter=$snapshotter" "$@"
    set -- "--root=$data_home/buildkit-$worker" --oci-worker=false --containerd-worker=true \
      --containerd-worker-rootless=true "--containerd-worker-namespace=$worker" "$@"
  fi
  run_inside buildkitd "$@"
}

buildkit_answers() { [ -S "$buildkit_socket" ]; }

start_buildkit() { # oci | NAMESPACE
  name_buildkit "$1"
  ! recorded_pid "$instance" >/dev/null || return 0
  rm -f "$buildkit_socket"
  mkdir -p "${buildkit_socket%/*}"
  launch "$instance" "$here/containerd-rootless-setuptool.sh" run-buildkit "$1"
  await "$instance" buildkit_answers || { show_log_end "$instance"; return 1; }
}

start_buildkits() { # those that install-buildkit has noted
  result=0
  for file in "$wanted_buildkits"/*.worker; do
    [ -e "$file" ] || continue
    worker=${file##*/}
    CONTAINERD_SNAPSHOTTER=$(cat "$file")
    export CONTAINERD_SNAPSHOTTER
    start_buildkit "${worker%.worker}" || result=1
  done
  return $result
}

install_buildkit() { # oci | NAMESPACE
  name_buildkit "$1"
  have buildkitd || fail "buildkitd is not installed: it is in BuildKit's releases (https://github.com/moby/buildkit/releases); put it on the PATH"
  choose_backend
  if [ "$backend" = systemd ]; then
    snapshotter=${CONTAINERD_SNAPSHOTTER:+"Environment=CONTAINERD_SNAPSHOTTER=$CONTAINERD_SNAPSHOTTER\\n"}
    enable_unit buildkit.service "$instance.service" -e "s#^\\(ExecStart=.* run-buildkit\\) .*#$snapshotter\\1 $(unit_word "$1")#"
  else
    child_pid >/dev/null || fail "containerd is not running: \`${0##*/} start\` starts it"
    mkdir -p "$wanted_buildkits"
    printf '%s\n' "${CONTAINERD_SNAPSHOTTER:-}" >"$wanted_buildkits/$1.worker"
    with_lock start_buildkit "$1"
  fi
  told say "BuildKit is running: $buildkit_socket"
}

uninstall_buildkit() { # oci | NAMESPACE
  name_buildkit "$1"
  remove_unit "$instance.service"
  with_lock end_process "$instance"
  rm -f "$wanted_buildkits/$1.worker" "$buildkit_socket" "$logs/$instance.log" "$logs/$instance.log.1"
  rmdir "${buildkit_socket%/*}" 2>/dev/null || :
  if [ "$1" = oci ]; then data=$data_home/buildkit; else data=$data_home/buildkit-$1; fi
  [ ! -d "$data" ] || told say "What it built is still in $data (rootlesskit rm -rf $(quoted "$data") removes it)."
}

installed_buildkits() { # oci and NAMESPACE, a line each
  for file in "$wanted_buildkits"/*.worker "$units"/*buildkit.service; do
    [ -e "$file" ] || continue
    case ${file##*/} in
    *.worker) file=${file##*/} && printf '%s\n' "${file%.worker}" ;;
    buildkit.service) echo oci ;;
    *-buildkit.service) file=${file##*/} && printf '%s\n' "${file%-buildkit.service}" ;;
    esac
  done | sort -u
}
