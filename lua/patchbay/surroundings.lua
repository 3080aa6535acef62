--- What patchbay runs in, found out once. The host of these surroundings is what carries a call unless a
-- script brings a transport along, and how anything waits. It offers
--   new(settings, keeps_headers)   a host, as hosts/standard.lua says
--   time                           the methods of a host that have to do with time: sleep, clock, now, once
--   tasks                          bodies that run at the same time, for `each`: the functions current,
--       start, rest, wake, lock, unlock and breathe of scheduler.lua; and run, running and reset, where
--       current() may be nil

return require "patchbay.hosts.standard"
