--- The line of the log for a request or a dry run, as one JSON object.

local core = require "patchbay.core"

local MEMBERS = { "vendor", "collection", "operation", "within", "key", "attempt", "method", "url",
  "status", "outcome", "seconds", "dry_run", "traceparent", "message" }

-- A value as JSON. Text that is not UTF-8, which a script's own transport may bring, is written with "?".
local function encode(value)
  local ok, text = pcall(core.json.encode, value)
  if ok then return text end
  return core.json.encode((tostring(value):gsub("[\128-\255]", "?")))
end

--- The line of `event`: a table with any of MEMBERS. `now`: seconds since 1970. `level`: "info" or "warn".
return function(event, now, level)
  local milliseconds = math.floor(now % 1 * 1000)
  local parts = { ('"time":"%s.%03dZ","level":"%s"'):format(os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)),
    milliseconds, level) }
  for _, name in ipairs(MEMBERS) do
    if event[name] ~= nil then parts[#parts + 1] = ('"%s":%s'):format(name, encode(event[name])) end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end
