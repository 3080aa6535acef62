#!/bin/sh
# The demonstration of `make demo`: the sandbox server simulates the vendors on this machine, the examples
# change a route, a number and a trunk there over real HTTP, and after each example the requests that reached
# the server are shown. The last step does some of that with the command patchbay.
#
# LUA names another Lua than lua5.4. Exits with status 0 only if every step succeeds.
set -eu

cd "$(dirname "$0")/.."
sandbox=bin/patchbay-sandbox
if [ ! -x "$sandbox" ]; then
	echo "demo: $sandbox not found" >&2
	exit 1
fi
lua=${LUA:-$(bin/find-lua program lua5.4)}
scratch= port=
stop() {
	[ -z "$scratch" ] || rm -rf "$scratch"
	[ -z "$port" ] || "$sandbox" --stop --port "$port"
}
trap stop EXIT
trap 'exit 130' HUP INT TERM

# Once it responds, it prints its address and credentials as shell exports.
started=$("$sandbox" --background)
eval "$started"
port=${PATCHBAY_BASE_URL##*:}
scratch=$(mktemp -d)

# show "title" example arguments...: an example exits with $expected.
expected=0
show() {
	title=$1
	example=$2
	shift 2
	printf '\n== %s\n$ lua5.4 examples/%s.lua%s\n' "$title" "$example" "${1:+ $*}"
	before=$("$lua" examples/show_requests.lua --count)
	status=0
	"$lua" "examples/$example.lua" "$@" || status=$?
	if [ "$status" -ne "$expected" ]; then
		echo "demo: examples/$example.lua exited with status $status" >&2
		[ "$status" -ne 0 ] || status=1
		exit "$status"
	fi
	echo '-- received by the server:'
	arrived=$("$lua" examples/show_requests.lua "$before")
	printf '%s\n' "$arrived" | sed 's/^/   /'
}

show 'Telegent: change a voice route' update_route
show 'Telegent: move a number to another route' update_number
show 'Telegent: fail over to the second trunk' failover
show 'Telegent: move ten numbers at once' move_numbers
show 'Crazytel: suspend a trunk' suspend_trunk
show 'Crazytel: a new password for a trunk' rotate_trunk_password "$scratch/trunk-password"
show 'Convirza: change one nested field' reroute_convirza
show 'Convirza: full update, without accidental resets' replace_convirza

cp examples/desired/routes.lua "$scratch"
printf '\n== Desired state: %s\n' "$scratch/routes.lua"
sed 's/^/   /' "$scratch/routes.lua"
expected=2
show 'Desired state: what would change' desired/plan "$scratch/routes.lua"
expected=0
show 'Desired state: apply it' desired/apply "$scratch/routes.lua" --yes
show 'Desired state: nothing is left to change' desired/plan "$scratch/routes.lua"
show 'Desired state: take it back' desired/undo "$scratch/routes.undo" --yes

# command arguments...: the same from a shell, without a line of Lua.
command() {
	printf '\n$ patchbay'
	for word in "$@"; do
		case $word in *[!A-Za-z0-9_.,:=+/-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
	done
	echo
	# Without the accounts of the user's own.
	PATCHBAY_LUA=$lua XDG_CONFIG_HOME=$scratch XDG_CACHE_HOME=$scratch bin/patchbay "$@"
}

printf '\n== The command: the same without a line of Lua\n'
route=CRID-509de94f-79cc-429b-a317-2102654dabbb
command check
command list telegent.voice_routes --fields CallRouteId,RouteName,RouteType
command get telegent.voice_routes "$route" --fields RouteName,TrunkIp1,TrunkEnabled2
command set telegent.voice_routes "$route" TrunkIp1=20.87.87.90 TrunkEnabled2=false --yes
command list telegent.numbers --limit 1 --fields Number,VoiceRouteId -o json
command apply "$scratch/routes.lua" --yes
command plan "$scratch/routes.lua"
command undo "$scratch/routes.undo" --yes

printf '\nEvery step succeeded. Next: README.md, and the examples themselves.\n'
