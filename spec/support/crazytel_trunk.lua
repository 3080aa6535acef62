-- Clients of Crazytel on the spec's own transport.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local trunk = {
  ID = "0f8fad5b-d9cb-469f-a165-70867728950e",
  NUMBER = "61291234567",
  KEY = "key-0123456789",
  HOST = "https://crazytel.io",
}

--- A client and its transport. `answers`: see scripted.lua; without them every change is accepted.
function trunk.client(answers, options)
  local transport = scripted.new(answers or { scripted.answer(200, { id = trunk.ID }) })
  local given = { api_key = trunk.KEY, transport = transport }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.crazytel(given), transport
end

--- The error that a function raises, without its position.
function trunk.raised(call, ...)
  local good, message = pcall(call, ...)
  assert(not good, "nothing was raised")
  return type(message) == "string" and message:gsub("^[^:]*:%d+: ", "") or message
end

return trunk
