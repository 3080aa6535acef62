#!/bin/sh
# few_ports.sh LUA: runs in a network namespace whose connections share a few local ports, and prints how many
# responses were accepted that belong to no request.

ip link set lo up
echo 40000 40006 >/proc/sys/net/ipv4/ip_local_port_range
python3 spec/support/few_ports.py &
server=$!
"$1" spec/support/few_ports.lua
kill "$server"
