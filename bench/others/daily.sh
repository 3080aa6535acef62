#!/bin/sh
# Does a daily job at Telegent's sandbox as a shell script does it, with curl or with HTTPie.
#
#   daily.sh curl|http read|change|apply|drift folder
#
# `folder` has the file `keys` with a key a line, and gets those of the job. The credentials and the address of
# the server are in the environment.
set -eu

tool=$1 job=$2 folder=$3
api=$PATCHBAY_BASE_URL/v1.0

# post TOKEN PATH BODY; get TOKEN PATH KEY: print the response.
if [ "$tool" = curl ]; then
	post() {
		curl -fsS "$api/$2" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$3"
	}
	get() {
		curl -fsS -G "$api/$2" -H "Authorization: Bearer $1" --data-urlencode "CallRouteID=$3"
	}
else
	post() {
		printf '%s' "$3" | http --check-status --body POST "$api/$2" "Authorization: Bearer $1"
	}
	get() {
		http --ignore-stdin --check-status --body GET "$api/$2" "Authorization: Bearer $1" "CallRouteID==$3"
	}
fi

# A token for a path.
login() {
	post none oauth2/tokens "{\"AccountKey\":\"$TELEGENT_ACCOUNT_KEY\",\"AccountSecret\":\"$TELEGENT_ACCOUNT_SECRET\"\
,\"ApiEndpoint\":\"$api/$1\"}" | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p'
}

first=$(head -n 1 "$folder/keys")
name="name $(date +%s%N)"

change() { # token key
	post "$1" voice/routes/update "{\"CallRouteId\":\"$2\",\"RouteName\":\"$name\"}"
}

read_token=$(login voice/routes)
case $job in
read) get "$read_token" voice/routes "$first" ;;
change)
	get "$read_token" voice/routes "$first"
	change "$(login voice/routes/update)" "$first"
	;;
apply)
	change_token=$(login voice/routes/update)
	while read -r key; do
		get "$read_token" voice/routes "$key"
		change "$change_token" "$key"
	done <"$folder/keys"
	;;
drift)
	while read -r key; do get "$read_token" voice/routes "$key"; done <"$folder/keys" >"$folder/now"
	[ ! -f "$folder/before" ] || diff "$folder/before" "$folder/now" || :
	mv "$folder/now" "$folder/before"
	;;
esac >"$folder/out"
