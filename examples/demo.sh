#!/bin/sh
# What `make demo` shows: the sandbox server plays the vendors on this machine, and the examples
# change a voice route and a number there over real HTTP.
set -eu

cd "$(dirname "$0")/.."
sandbox=bin/patchbay-sandbox
if [ ! -x "$sandbox" ]; then
	echo "demo: $sandbox is not there" >&2
	exit 1
fi
lua=$(bin/find-lua program lua5.4)

# It prints, once it answers, where it listens and the credentials for it, as shell exports.
started=$("$sandbox" --background)
eval "$started"
stop() { "$sandbox" --stop --port "${PATCHBAY_BASE_URL##*:}" || true; }
trap stop EXIT
trap 'exit 130' HUP INT TERM

for example in update_route update_number; do
	echo
	echo "== lua examples/$example.lua"
	"$lua" "examples/$example.lua"
done
