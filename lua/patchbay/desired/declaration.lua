--- A desired state that has been checked: the records it declares, with the values of the fields it names.
--
--   declaration = {
--     source = "routes.lua",          the file's name, or nil
--     records = { … },                in the order account, collection, key; new ones last, by name
--     collections = { … },            in the same order
--     notes = { … },                  sentences about what is not done, for the plan
--   }
--   record = {
--     account = "telegent", collection_name = "voice_routes",
--     collection = …,                 internals, see record/collection.lua; `proxy` is the public one
--     entry = …,                      of `collections`
--     key = "CRID-…",                 in its field's type; nil for a new one, and where there are no keys
--     name = "main trunk",            of a new one
--     address = 'telegent.voice_routes CRID-…', or 'telegent.voice_routes new "main trunk"'
--     path = 'telegent.voice_routes["CRID-…"]',
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

local function by_order(a, b)
  if (a.name == nil) ~= (b.name == nil) then return a.name == nil end
  if a.name then return a.name < b.name end
  if a.key == nil or b.key == nil then return false end
  return a.key < b.key
end

local function result(self, source)
  local records = {}
  table.sort(self.entries, function(a, b) return a.full < b.full end)
  for _, entry in ipairs(self.entries) do
    table.sort(entry.records, by_order)
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
