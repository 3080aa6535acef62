--- Assigning and encoding every field of an update, compared with lua-cjson encoding the same plain table.

local cjson = require "cjson"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local example = require "bench.example"
local measure = require "bench.measure"
local model = require "spec.support.record_model"

-- The source of a script that assigns the fields that `pick` accepts, as people write it.
local function script(pick)
  local lines = {
    "local routes, key, payload, values = ...",
    "return function()",
    "local route = routes[key]",
  }
  for i, field in ipairs(example.fields) do
    local name, value = field[1], field[2]
    local written = type(value) == "table" and "values[" .. i .. "]"
      or type(value) == "string" and ("%q"):format(value) or tostring(value)
    if pick(name) then lines[#lines + 1] = ("route.%s = %s"):format(name, written) end
  end
  lines[#lines + 1] = "return payload(route, true)"
  lines[#lines + 1] = "end"
  return table.concat(lines, "\n")
end

local telegent = patchbay.telegent { token = "token" }
local values, plain = {}, { CallRouteId = example.key }
for i, field in ipairs(example.fields) do
  plain[field[1]] = field[2]
  if type(field[2]) == "table" then values[i] = field[2] end
end

local function assigning(pick)
  local chunk = assert(load(function()
    local text = pick and script(pick)
    pick = nil
    return text
  end))
  return chunk(telegent.voice_routes, example.key, core.record.payload, values)
end

local all = assigning(function() return true end)
local two = assigning(function(name) return name == "TrunkIp1" or name == "TrunkEnabled2" end)

-- A fast encoder is worth nothing if its text is different.
assert(model.equal(cjson.decode(all()), plain), "the record's JSON is not that of the table")

local pair = { CallRouteId = example.key, TrunkIp1 = plain.TrunkIp1, TrunkEnabled2 = plain.TrunkEnabled2 }
assert(model.equal(cjson.decode(two()), pair), "the record's JSON is not that of the table")

local seconds = measure.seconds { function() cjson.encode(plain) end, all, two }
measure.row("assign and encode all 36 fields / cjson.encode", seconds[2] / seconds[1], 2.0)
measure.row("  microseconds for a record with 2 fields", seconds[3] * 1e6)
