#!/bin/sh
# A day's work with the command patchbay alone, against the sandbox: look, change a route, bring an account to
# what a file says and take that back, move numbers by a CSV file, and keep the state in a file.
#
#   PATCHBAY="bin/patchbay" sh spec/command/daily.sh
#
# The credentials and the address of a sandbox server are in the environment. Writes into the current folder,
# and exits with 0 if every step did what it says.
set -eu

ROUTE=CRID-509de94f-79cc-429b-a317-2102654dabbb

# ends STATUS WORDS…: runs patchbay with these words, and fails unless it exits with that status. Its output is
# in the file `out`.
ends() {
  wanted=$1
  shift
  status=0
  # PATCHBAY is a command line.
  # shellcheck disable=SC2086
  $PATCHBAY "$@" >out 2>err </dev/null || status=$?
  if [ "$status" -ne "$wanted" ]; then
    echo "patchbay $*: status $status instead of $wanted" >&2
    cat out err >&2
    exit 1
  fi
}

# shows TEXT: fails unless the last output has it.
shows() {
  grep -qF -- "$1" out err && return
  echo "the output lacks: $1" >&2
  cat out err >&2
  exit 1
}

# Look.
ends 0 get telegent.voice_routes "$ROUTE" -o json
shows '"TrunkIp1":"198.51.100.10"'
ends 0 list telegent.numbers --fields Number,VoiceRouteId -o csv
shows "+18018018011,$ROUTE"

# Change one route.
ends 2 set telegent.voice_routes "$ROUTE" TrunkIp1=20.87.87.1 --dry-run
ends 0 set telegent.voice_routes "$ROUTE" TrunkIp1=20.87.87.1 --yes
ends 0 set telegent.voice_routes "$ROUTE" TrunkIp1=20.87.87.1 --yes
shows 'nothing was sent'
ends 64 set telegent.voice_routes "$ROUTE" TrunkIp=20.87.87.1 --yes
shows 'did you mean "TrunkIp1"?'

# Bring the account to what a file says, and take it back.
cat >routes.lua <<'FILE'
return {
  ["telegent.voice_routes"] = {
    ["CRID-509de94f-79cc-429b-a317-2102654dabbb"] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false },
    [new "backup trunk"] = { RouteName = "Backup trunk", RouteType = "Trunk", TrunkIp1 = "20.87.87.88" },
  },
  ["telegent.numbers"] = { ["+18018018012"] = { VoiceRouteId = ref "backup trunk" } },
}
FILE
ends 2 plan routes.lua --save routes.plan --html routes.html
ends 0 apply routes.plan --yes
ends 0 plan routes.lua
if $PATCHBAY drift --help >/dev/null 2>&1; then
  ends 0 drift routes.lua
  ends 0 set telegent.voice_routes "$ROUTE" TrunkIp1=20.87.87.9 --yes
  ends 2 drift routes.lua
  shows 20.87.87.9
  ends 0 set telegent.voice_routes "$ROUTE" TrunkIp1=20.87.87.87 --yes
  ends 0 drift routes.lua
fi
ends 0 undo routes.lua --yes
ends 2 plan routes.lua
ends 0 get telegent.voice_routes "$ROUTE" --fields TrunkIp1 -o json
shows '"TrunkIp1":"20.87.87.1"'

# Move numbers by a CSV file.
printf 'number,route\n+18018018013,%s\n+18018018014,%s\n' "$ROUTE" "$ROUTE" >numbers.csv
ends 2 bulk telegent.numbers numbers.csv --key number --set VoiceRouteId=route --dry-run
ends 0 bulk telegent.numbers numbers.csv --key number --set VoiceRouteId=route --yes
shows '2 done, 0 failed'
ends 0 bulk telegent.numbers numbers.csv --key number --set VoiceRouteId=route --yes
shows '2 skipped'

# Keep the state in a file, of which nothing has to change.
ends 0 pull state.lua telegent.voice_routes telegent.numbers
ends 0 plan state.lua

echo 'everything is as it should be'
