-- Disables the first or second trunk of a Telegent voice route: from a shell, or within a SIP server.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/how-to/disable_trunk.lua CRID-509de94f-79cc-429b-a317-2102654dabbb 2
--
-- In FreeSWITCH:  luarun disable_trunk.lua CRID-… 2
-- In Kamailio, app_lua calls the function disable_trunk; in Asterisk, extensions.lua does.
--
-- Exit status, from a shell: 0 disabled, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

--- Returns true; or nil and the reason. Others wait meanwhile, so it gives up after six seconds.
function disable_trunk(id, trunk) -- luacheck: ignore 111
  -- Created here, because a process must not use a client that was created before it was forked.
  local telegent = patchbay.telegent { timeout = 4, connect_timeout = 2, retries = 1, deadline = 6 }
  local route = telegent.voice_routes[id]
  route["TrunkEnabled" .. trunk] = false
  local ok, err = route:update()
  if not ok then return nil, tostring(err) end
  return true
end

-- FreeSWITCH gives a script its arguments in argv; Lua's interpreter in arg.
local server = rawget(_G, "freeswitch")
local words = server and rawget(_G, "argv") or arg
if words and words[1] then
  local ok, why = disable_trunk(words[1], words[2] or "1") -- luacheck: ignore 113
  if server then
    server.consoleLog(ok and "notice" or "err", ok and "the trunk is disabled\n" or why .. "\n")
  elseif ok then
    print "the trunk is disabled"
  else
    io.stderr:write("disable_trunk: ", why, "\n")
    os.exit(1)
  end
end
