--- A host out of the `transport` option: a function, or an object with a method `send`, that a script
-- brings along (the sandbox is one). What it does not offer itself - `sleep(seconds)`, `clock()`
-- (seconds, never set back), `now()` (Unix seconds) - is the standard host's.

local standard = require "patchbay.hosts.standard"

local given = {}

--- The host, or nil and what is wrong with the transport.
function given.new(transport)
  if type(transport) == "function" then
    local send = transport
    transport = { send = function(_, request) return send(request) end }
  end
  if type(transport) ~= "table" or type(transport.send) ~= "function" then
    return nil, "expected a function or an object with a method send(request)"
  end
  local host = {}
  function host.send(_, request) return transport:send(request) end
  for name, method in pairs(standard.time) do
    if type(transport[name]) == "function" then
      host[name] = function(_, ...) return transport[name](transport, ...) end
    else
      host[name] = method
    end
  end
  -- Where only one of the two clocks is the transport's own, it is both.
  if transport.now and not transport.clock then host.clock = host.now end
  return host
end

return given
