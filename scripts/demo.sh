#!/bin/sh
# A web server in a container, from nothing: an image made of the distribution's busybox, loaded, run with a published
# port, a volume and an extra host, asked for its page, looked into, removed. The machine is left as it was found.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/node/bin:$PATH:/usr/sbin:/sbin"

if [ "$(id -u)" -ne 0 ]; then
  echo "Containers need root here: going on with sudo."
  exec sudo env "PATH=$PATH" sh scripts/demo.sh
fi

name="nerdctl-demo"
nerdctl=$PWD/bin/nerdctl
dir=$(mktemp -d /tmp/nerdctl-demo.XXXXXX)
containerd_pid=''
count=0

say() { printf '\n%s\n' "$*"; }
step() {
  count=$((count + 1))
  printf '\n%d. %s\n' "$count" "$*"
}
# Shows a command as a user would type it, then does it.
nerdctl() {
  printf '   $ nerdctl %s\n' "$*"
  "$nerdctl" "$@" >"$dir/out" 2>"$dir/err" || {
    code=$?
    cat "$dir/out" "$dir/err" >&2
    return "$code"
  }
  sed 's/^/     /' "$dir/out" "$dir/err"
}

# --- the machine before, and back to it ---------------------------------------------------------------------------

cni_chains() {
  for table in nat filter; do
    iptables -t "$table" -S 2>/dev/null | sed -n "s/^-N \(CNI-[^ ]*\).*/$table \1/p"
  done
}

remember_machine() {
  cni_chains >"$dir/chains"
  forward=$(cat /proc/sys/net/ipv4/ip_forward)
  had_bridge=no
  if ip link show nerdctl0 >/dev/null 2>&1; then had_bridge=yes; fi
  for place in /var/lib/cni/networks /var/lib/cni/results /var/lib/cni /run/netns /run/nerdctl/ports /run/nerdctl /etc/cni/net.d /etc/cni; do
    [ -e "$place" ] || echo "$place"
  done >"$dir/absent"
}

# The chains that CNI plugins make at their first use and never remove.
remove_new_chains() {
  cni_chains | grep -vxF -f "$dir/chains" >"$dir/new-chains" || return 0
  while read -r table chain; do
    iptables -t "$table" -S | grep -- "-j $chain\( \|\$\)" | sed 's/^-A/-D/' >"$dir/jumps" || true
    while read -r rule; do
      # A rule as iptables prints it is made of words and quoted words: the shell takes them apart again.
      eval "iptables -t $table $rule" 2>/dev/null || true
    done <"$dir/jumps"
    iptables -t "$table" -F "$chain" 2>/dev/null || true
  done <"$dir/new-chains"
  while read -r table chain; do
    iptables -t "$table" -X "$chain" 2>/dev/null || true
  done <"$dir/new-chains"
}

restore_machine() {
  if [ "$had_bridge" = no ] && ip link show nerdctl0 >/dev/null 2>&1; then
    ip link delete nerdctl0
    remove_new_chains
    echo "$forward" >/proc/sys/net/ipv4/ip_forward
    rm -rf /var/lib/cni/networks/bridge
  fi
  # runc leaves the parent of its containers' cgroups, which has the namespace's name.
  rmdir "/sys/fs/cgroup/$CONTAINERD_NAMESPACE" /sys/fs/cgroup/*/"$CONTAINERD_NAMESPACE" 2>/dev/null || true
  # Only the directories that were not there before, and only where nobody else has put something into them since.
  while read -r place; do rmdir "$place" 2>/dev/null || true; done <"$dir/absent"
}

stop_containerd() {
  [ -n "$containerd_pid" ] || return 0
  say "Stopping the containerd that this demo started (process $containerd_pid)."
  kill "$containerd_pid" 2>/dev/null || true
  wait "$containerd_pid" 2>/dev/null || true
}

clean_up() {
  code=$?
  trap - EXIT INT TERM HUP
  set +e
  if [ "$code" -ne 0 ]; then say "The demo did not get to its end; cleaning up."; fi
  "$nerdctl" rm -f "$name" >/dev/null 2>&1
  "$nerdctl" rmi -f "$name" >/dev/null 2>&1
  ctr namespaces remove "$CONTAINERD_NAMESPACE" >/dev/null 2>&1
  stop_containerd
  restore_machine
  awk -v dir="$dir/" 'index($5, dir) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r mount; do umount "$mount"; done
  case $code in
  0 | 130 | 143) ;;
  *)
    if [ -e "$dir/containerd.log" ]; then
      echo "Last lines of containerd's log:"
      tail -n 5 "$dir/containerd.log"
    fi
    ;;
  esac
  rm -rf "$dir"
  exit "$code"
}

# --- a containerd -------------------------------------------------------------------------------------------------

start_containerd() {
  export CONTAINERD_ADDRESS="$dir/containerd.sock"
  cat >"$dir/containerd.toml" <<TOML
version = 2
root = "$dir/containerd/root"
state = "$dir/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.podsandbox.controller.v1.podsandbox", "io.containerd.nri.v1.nri"]
[grpc]
  address = "$CONTAINERD_ADDRESS"
[plugins."io.containerd.internal.v1.opt"]
  path = "$dir/containerd/opt"
TOML
  # Ctrl-C is for the demo, which needs containerd for cleaning up.
  setsid containerd --config "$dir/containerd.toml" >"$dir/containerd.log" 2>&1 &
  containerd_pid=$!
  tries=0
  until ctr version >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$containerd_pid" 2>/dev/null; then
      echo "containerd did not start; its log says:" >&2
      tail -n 5 "$dir/containerd.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  say "No containerd answered, so the demo started one for itself: process $containerd_pid, files and log below $dir."
}

use_containerd() {
  # ctr itself would wait ten seconds for a socket to appear.
  if [ -S "${CONTAINERD_ADDRESS:-/run/containerd/containerd.sock}" ] && ctr version >/dev/null 2>&1; then
    say "A containerd answers at ${CONTAINERD_ADDRESS:-/run/containerd/containerd.sock}: the demo uses it, in a namespace of its own."
  else
    start_containerd
  fi
  # Overlayfs cannot lie on overlayfs: on a machine that is a container itself, plain copies have to do.
  if ! ctr plugins ls 2>/dev/null | grep -q 'snapshotter.*overlayfs .*ok$'; then export CONTAINERD_SNAPSHOTTER=native; fi
}

# --- an image, made by hand ---------------------------------------------------------------------------------------

architecture() {
  case $(uname -m) in
  x86_64) echo amd64 ;;
  aarch64) echo arm64 ;;
  *) uname -m ;;
  esac
}

# What `docker save` writes is a tar of three things: a layer, a configuration that names the layer's digest, and a
# manifest that names both.
make_archive() {
  mkdir -p "$dir/rootfs/bin" "$dir/rootfs/etc" "$dir/rootfs/www" "$dir/rootfs/tmp" "$dir/image"
  cp -L "$(command -v busybox)" "$dir/rootfs/bin/busybox"
  for applet in sh cat echo hostname httpd ls ps sleep grep; do ln -s busybox "$dir/rootfs/bin/$applet"; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$dir/rootfs/etc/passwd"
  tar -C "$dir/rootfs" --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 -cf "$dir/image/layer.tar" .
  layer=$(sha256sum <"$dir/image/layer.tar" | cut -d' ' -f1)
  cat >"$dir/image/config.json" <<JSON
{"architecture":"$(architecture)","os":"linux","created":"2024-01-01T00:00:00Z",
 "config":{"Env":["PATH=/bin"],"Cmd":["sh","-c","echo the server starts; exec httpd -f -v -p 80 -h /www"],"ExposedPorts":{"80/tcp":{}}},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},
 "history":[{"created":"2024-01-01T00:00:00Z","created_by":"scripts/demo.sh"}]}
JSON
  echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"$name:latest\"],\"Layers\":[\"layer.tar\"]}]" >"$dir/image/manifest.json"
  tar -C "$dir/image" -cf "$dir/$name.tar" manifest.json config.json layer.tar
}

free_port() {
  node -e '
    const next = (port) =>
      require("net").createServer().once("error", () => next(port + 1)).listen(port, function () {
        this.close(() => console.log(port));
      });
    next(8080);'
}

fetch_page() { # with patience: the server in the container needs a moment to listen
  node -e '
    const [port] = process.argv.slice(1);
    const ask = (left) =>
      require("http").get({ port, host: "127.0.0.1", agent: false }, (answer) => answer.pipe(process.stdout))
        .on("error", (e) => (left > 0 ? setTimeout(ask, 50, left - 1) : (console.error(e.message), process.exit(1))));
    ask(100);' "$1"
}

# ------------------------------------------------------------------------------------------------------------------

export CONTAINERD_NAMESPACE="$name"
# A machine that has our default network already keeps using it; otherwise the demo's own definition of it goes away.
[ -e /etc/cni/net.d/nerdctl-bridge.conflist ] || export NETCONFPATH="$dir/net.d"
echo "data_root = \"$dir/data\"" >"$dir/nerdctl.toml"
export NERDCTL_TOML="$dir/nerdctl.toml"

remember_machine
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
use_containerd

step "Making an image from this machine's busybox ($(command -v busybox)), without the internet"
make_archive
echo "   $dir/$name.tar, $(wc -c <"$dir/$name.tar") bytes, in the format of \`docker save\`"

step "Loading it"
nerdctl load -i "$dir/$name.tar"

step "Running a web server from it: published on a port, with a directory of this machine, with an extra host name"
port=$(free_port)
mkdir "$dir/www"
echo "Hello from a container, through port $port." >"$dir/www/index.html"
nerdctl run -d --name "$name" -p "$port:80" -v "$dir/www:/www:ro" --add-host "registry.example.net:192.0.2.7" "$name"

step "Fetching its page from this machine"
echo "   http://127.0.0.1:$port/"
page=$(fetch_page "$port")
echo "     $page"
[ "$page" = "$(cat "$dir/www/index.html")" ] || {
  echo "That is not the page that was put there." >&2
  exit 1
}

step "Looking at it"
nerdctl ps
nerdctl logs "$name"
nerdctl exec "$name" grep registry.example.net /etc/hosts

step "Removing everything"
nerdctl rm -f "$name"
nerdctl rmi "$name"

say "That was all real: containerd, runc, CNI plugins, iptables. Yours to try: sudo bin/nerdctl --help"
