--- The program that patchbay runs in, found once. Its host carries calls, unless a script brings a transport
-- along, and determines how code waits. It has
--
--   new(settings, keeps_headers)   a host (see hosts/standard.lua); raises problems with the settings. A host
--       that cannot work everywhere has `unable()`, which returns a fault, or nil where it works
--   time                           the methods of a host that concern time: sleep, clock, now, once; and
--       interrupted(), whether a bulk run is stopping
--   tasks                          concurrent bodies for `each`: the functions current, can_wait, start,
--       park, wake, yield_if_due, interrupted and pause_left of scheduler.lua; where current()
--       may be nil also run, running, reset, interrupt, poll_interrupt, item and set_item;
--       `round`, the seconds of computing after which yield_if_due() yields, if it does
--   name                           of the host, for errors; nil for any other program
--   problem_of(name, value, carries)   the problem with an option that depends on the host, or nil.
--       `carries`: whether the host carries the calls, rather than a transport of the script's
--   report(line)                   writes a line to where the program reports errors
--   share(name, identity, host)    the store of the processes of one machine (see hosts/nginx/shared.lua),
--       where problem_of accepts the option `shared`
--   counts(name)                   there too: counts that those processes share (see hosts/nginx/counts.lua)
--   worker()                       where several run at once, each with a Lua of its own: this one's number

local program = require "patchbay.util.program"

if program == "nginx" then return require "patchbay.hosts.nginx" end
if program == "HAProxy" then return require "patchbay.hosts.haproxy" end

return require "patchbay.hosts.standard"
