--- A desired state that has been checked: the records it declares, with the values of the fields it names.
--
--   declaration = {
--     source = "routes.lua",          the file's name, or nil
--     records = { … },                in the order account, collection, key; new ones last, by name
--     collections = { … },            in the same order
--     notes = { … },                  sentences about omitted changes, for the plan
--   }
--   record = {
--     account = "acme", collection_name = "voice_routes",
--     collection = …,                 internals, see record/collection.lua; `proxy` is the public one
--     entry = …,                      of `collections`
--     key = "CRID-…",                 in its field's type; nil for a new one, and where there are no keys
--     name = "main trunk",            of a new one
--     address = 'acme.voice_routes CRID-…', or 'acme.voice_routes new "main trunk"'
--     path = 'acme.voice_routes["CRID-…"]',
--     line = 7,                       of the CSV file, or nil
--     fields = { TrunkIp1 = … },      plain checked copies; without the fields that hold references to
--                                     records which have no key yet, see reference.fill
--     refs = { VoiceRouteId = record },  path ("a.b", "list[2]") -> the declared record without a key; or nil
--     held = { fields =, targets = }, the fields with those references, for reference.fill; or nil
--     create_only = { AccountId = true }, of a new one: fields that no update takes; or nil
--   }
--   entry = {
--     account, collection, proxy, collection_name, full = "acme.calls[AccountSid=AC1]",
--     records = { … },
--     whole = true,                   records that are not declared are to be deleted
--     changes_by = "update",          or "replace", where there is no update; false where neither is
--   }

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local checker = require "patchbay.desired.checker"
local resolving = require "patchbay.desired.resolving"

local declaration = {}

-- Members of entries that only the checks need.
local WHILE_CHECKING = { "seen", "update_rules", "create_rules", "creates", "no_change", "change_refused" }

-- Whether all of the records have keys, and are in their order.
local function are_in_order(records)
  local last
  for _, record in ipairs(records) do
    local key = record.key
    if key == nil or last ~= nil and key < last then return false end
    last = key
  end
  return true
end

-- The records of an entry in their order: by key, then the new ones by name. The keys themselves are sorted,
-- as comparing records would call a function for each pair.
local function in_order(records)
  if are_in_order(records) then return records end
  local list = {}
  for _, member in ipairs { "key", "name" } do
    local by, values = {}, {}
    for _, record in ipairs(records) do
      local value = rawget(record, member)
      if value ~= nil then by[value], values[#values + 1] = record, value end
    end
    table.sort(values)
    for _, value in ipairs(values) do list[#list + 1] = by[value] end
  end
  return list[1] and list or records
end

local function result(self, source)
  local records = {}
  table.sort(self.entries, function(a, b) return a.full < b.full end)
  for _, entry in ipairs(self.entries) do
    entry.records = in_order(entry.records)
    for _, record in ipairs(entry.records) do records[#records + 1] = record end
    for _, member in ipairs(WHILE_CHECKING) do entry[member] = nil end
  end
  return { source = source, records = records, collections = self.entries, notes = self.notes }
end

--- Checks a desired state. `clients`: by account (see accounts.of). `raw`: a table of collections by name, as
-- load.lua reads it from a file, or a script's own. `options`: `delete`; `source`, the file's name. Nothing
-- is read from any vendor. Returns the declaration; or nil and the list of all faults, each { path =, message
-- =, line = }.
function declaration.new(clients, raw, options)
  options = options or {}
  local self = checker.new(clients, options)
  if type(raw) ~= "table" or core.record.is(raw) then
    self:add(options.source or "the desired state", "expected records by collection, such as "
      .. "{ [\"account.collection\"] = { … } }, got " .. check.got(raw))
    return nil, self.faults
  end
  for _, name in ipairs(checker.sorted_keys(raw)) do
    local entry = self:entry(name)
    if entry then self:collection(entry, raw[name]) end
  end
  for _, entry in ipairs(self.entries) do self:deletes(entry) end
  resolving.resolve(self)
  if #self.faults > 0 then return nil, self.faults end
  return result(self, options.source)
end

return declaration
