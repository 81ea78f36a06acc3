#!/bin/sh
# The inside of a sandbox: a machine of its own for one lane of tests. It runs as process 1 of a new process, mount and
# network namespace, so that whatever a test leaves behind (processes, mounts, rules, files below /run, /etc and
# /var/lib) is counted there and ends with it.
#   sandbox.sh DIR COMMAND...    DIR: an empty directory of the machine
set -eu
dir=$1
shift
PATH=$PATH:/usr/sbin:/sbin

mount -t tmpfs -o mode=755 tmpfs "$dir"
resolv=$(cat /etc/resolv.conf 2>/dev/null || :)
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock
mount -t tmpfs -o mode=755 tmpfs /var/log
for place in etc var/lib; do
  mkdir -p "$dir/overlay/$place/upper" "$dir/overlay/$place/work"
  mount -t overlay overlay \
    -o "lowerdir=/$place,upperdir=$dir/overlay/$place/upper,workdir=$dir/overlay/$place/work" "/$place"
done
# Nothing of the machine's own containers, networks and settings may be seen.
rm -rf /var/lib/nerdctl /var/lib/cni /etc/cni /etc/nerdctl /etc/containerd/certs.d /etc/docker
mkdir -p /var/lib/cni
rm -f /etc/resolv.conf
printf '%s\n' "${resolv:-nameserver 192.0.2.53}" >/etc/resolv.conf

# As udev makes it; without udev it is root's alone, and users have no network of their own.
if [ -c /dev/net/tun ]; then
  mknod "$dir/tun" c 10 200
  chmod 666 "$dir/tun"
  mount --bind "$dir/tun" /dev/net/tun
fi

sh "${0%/*}/lan.sh"

# Process 1 has to reap what the shims leave to it, which a waiting shell does. A shell in the sandbox wants the
# terminal, which a command in the background has only where it is told.
exec 3<&0
"$@" <&3 3<&- &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM INT HUP
code=0
while :; do
  wait "$child" && code=0 || code=$?
  kill -0 "$child" 2>/dev/null || break
done
exit "$code"
