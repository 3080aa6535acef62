-- Clients of Crazytel on a transport of the spec's own.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local trunk = {
  ID = "0f8fad5b-d9cb-469f-a165-70867728950e",
  NUMBER = "61291234567",
  KEY = "key-0123456789",
  HOST = "https://crazytel.io",
}

--- A client, and the transport it talks to. `answers`: see scripted.lua; without them every change is taken.
function trunk.client(answers, options)
  local transport = scripted.new(answers or { scripted.answer(200, { id = trunk.ID }) })
  local given = { api_key = trunk.KEY, transport = transport }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.crazytel(given), transport
end

--- What a function raises, without the place.
function trunk.raised(call, ...)
  local good, message = pcall(call, ...)
  assert(not good, "nothing was raised")
  return type(message) == "string" and message:gsub("^[^:]*:%d+: ", "") or message
end

return trunk
