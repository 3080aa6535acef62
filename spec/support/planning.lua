--- The changes of plans in specs, by hand: from a desired state and made-up reads, without a request.

local changes = require "patchbay.desired.changes"
local clients = require("spec.support.declarations").clients
local declaration = require "patchbay.desired.declaration"
local patchbay = require "patchbay"
local paths = require "patchbay.desired.paths"
local readings = require "patchbay.record.reading"
local states = require "patchbay.desired.state"
local support = require "spec.support.telegent_client"

local CRID = support.CRID

--- `ROUTE`: the address of the voice route that route_lines plans.
local planning = { ROUTE = "telegent.voice_routes " .. CRID }

--- A state in memory that can be written to.
function planning.memory(made)
  local place = {}
  function place.read(self) return self.text end
  function place.append(self, text) self.text = (self.text or "") .. text return true end
  function place.replace(self, text) self.text = text return true end
  return assert(states.open(place, made, { write = true }))
end

--- Makes up what is known of each declared record: `shown` is address -> what a read shows; false: it does
-- not exist; absent: there is no read. `others`: of its collection's name, the list of what new records may
-- be: { key, shown }.
function planning.known_of(declared, shown, others, listed)
  local known = { extra = {}, listed = {}, notes = {} }
  for _, record in ipairs(declared.records) do
    local answer = shown[record.address]
    local function reading(value) return readings.of(record.collection.resource, paths.copy(value)) end
    if answer then
      known[record] = { exists = true, whole = not listed, shows = listed, reading = reading(answer) }
    else
      known[record] = { exists = answer == nil and record.key ~= nil }
    end
    if record.name and others and others[record.entry.full] then
      known[record].matches = {}
      for i, other in ipairs(others[record.entry.full]) do
        known[record].matches[i] = { key = other[1], reading = reading(other[2]) }
      end
    end
  end
  return known
end

--- The changes, and the other results. `options.state`: of the last apply.
function planning.plan(raw, shown, options)
  options = options or {}
  local made = options.clients or clients()
  local declared = assert(declaration.new(made, raw, options))
  local known = planning.known_of(declared, shown or {}, options.others, options.listed)
  return changes.of(declared, known, options.state or states.none(made), options)
end

--- The changed fields of all changes, each as "field: from -> to".
function planning.lines(list)
  local found = {}
  for _, change in ipairs(list) do
    for _, field in ipairs(change.fields) do
      local from = field.from == nil and "(" .. (field.unknown or "nothing") .. ")" or tostring(field.from)
      found[#found + 1] = ("%s: %s -> %s%s"):format(field.field, from,
        field.ref and "ref " .. field.ref
        or field.to == patchbay.null and "null" or tostring(field.to), field.forced and " forced" or "")
    end
  end
  return found
end

--- The same of a plan of one voice route; then the plan's other results, and its changes.
function planning.route_lines(fields, shown, options)
  local list, found = planning.plan({ ["telegent.voice_routes"] = { [CRID] = fields } },
    { [planning.ROUTE] = shown }, options)
  return planning.lines(list), found, list
end

return planning
