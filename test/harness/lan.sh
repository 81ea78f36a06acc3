#!/bin/sh
# The network of a sandbox or a machine: an outside that answers nobody, enough for routes, for the gateway's address, for
# published ports.
set -eu
ip link set lo up
ip link add lan0 type dummy 2>/dev/null || ip link add lan0 type bridge
ip address add 192.0.2.10/24 dev lan0
ip link set lan0 up
ip route add default via 192.0.2.1
