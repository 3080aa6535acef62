#!/bin/sh
# Mails what others have changed at the vendors since a snapshot, and takes the next snapshot. For cron:
#
#   5 6 * * *  nightly_drift.sh /var/lib/telephony/last.snapshot noc@example.com telegent.voice_routes
#
# usage: nightly_drift.sh SNAPSHOT ADDRESS COLLECTION…
#
# The first run takes the snapshot. No mail is sent if nothing has changed. SENDMAIL names another program
# than /usr/sbin/sendmail -t. Exit status: 0 nothing to tell, 2 others have changed something, 1 it failed;
# of the last two there is a mail.
set -u

snapshot=$1 address=$2
shift 2
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

# The next snapshot is taken before the comparison: a change between both is told twice, and not missed.
status=0
patchbay snapshot "$snapshot.new" "$@" >"$report" 2>&1 || status=1
if [ "$status" -eq 0 ] && [ -f "$snapshot" ]; then
	patchbay drift --since "$snapshot" --not-ours >"$report" 2>&1
	status=$?
fi

case $status in
0) ;;
2) subject="others have changed telephony records" ;;
*) subject="the drift check failed" status=1 ;;
esac
if [ "$status" -ne 0 ]; then
	{
		printf 'To: %s\nSubject: patchbay: %s\nContent-Type: text/plain; charset=utf-8\n\n' "$address" "$subject"
		cat "$report"
	} | ${SENDMAIL:-/usr/sbin/sendmail -t} || status=1
fi
# The old snapshot stays as long as there is no comparison with it.
[ "$status" -eq 1 ] || mv "$snapshot.new" "$snapshot" || status=1
exit "$status"
