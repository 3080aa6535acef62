--- What patchbay runs in, found out once. The host of these surroundings is what carries a call unless a
-- script brings a transport along, and how anything waits. It offers
--   new(settings, keeps_headers)   a host, as hosts/standard.lua says; raises what is wrong with them. Where
--       it cannot work everywhere it has `unable()`: a fault, or nil where it can
--   time                           the methods of a host that have to do with time: sleep, clock, now, once;
--       and interrupted(), whether a bulk run is to come to its end
--   tasks                          bodies that run at the same time, for `each`: the functions current,
--       can_wait, start, rest, wake, lock, unlock, breathe, interrupted and pause_left of scheduler.lua; and
--       run, running, reset, interrupt and at_work, where current() may be nil
--   name                           of these surroundings, for errors; nil: any other program
--   problem_of(name, value, carries)   what is wrong with an option that was given, where that depends on
--       them; nil: nothing. `carries`: whether the host carries the calls, not a transport of the script's
--   share(name, identity, host)    where problem_of lets `shared` pass: what processes of one machine have
--       in common, as hosts/nginx/shared.lua says

local nginx = rawget(_G, "ngx")

-- nginx's threads have a Lua of their own, in which `ngx` can do little: that is no nginx to wait in.
if type(nginx) == "table" and nginx.get_phase and nginx.thread then return require "patchbay.hosts.nginx" end

-- A global of this name may be anything: HAProxy's has these functions.
local haproxy = rawget(_G, "core")
if type(haproxy) == "table" and haproxy.httpclient and haproxy.register_task and haproxy.msleep then
  return require "patchbay.hosts.haproxy"
end

return require "patchbay.hosts.standard"
