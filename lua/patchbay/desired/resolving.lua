--- Finds the records that references name.

local cycles = require "patchbay.desired.cycles"
local reference = require "patchbay.desired.reference"
local values = require "patchbay.desired.values"

local resolving = {}

-- The declared records by name and by key.
local function index_of(entries)
  local index = { names = {}, full = {}, entries = entries }
  for _, entry in ipairs(entries) do
    index.full[entry.full] = true
    for _, record in ipairs(entry.records) do
      if record.name then
        index.names[record.name] = index.names[record.name] or {}
        table.insert(index.names[record.name], record)
      end
    end
  end
  function index.find(entry, canonical) return entry.seen[canonical] end
  return index
end

--- Finds the records that the references of a checked desired state name, and puts in the keys of those that
-- have one.
function resolving.resolve(checker)
  if #checker.held == 0 then return end
  local index = index_of(checker.entries)
  for _, held in ipairs(checker.held) do
    local record, targets, refs, whole = held.record, {}, {}, true
    for _, one in ipairs(held.references) do
      local target, problem = reference.find(index, one.reference, record, one.field)
      if not target then
        checker:add(one.path, problem, record.line)
        whole = false
      else
        targets[one.reference] = target
        if target.key == nil then refs[one.path:sub(#record.path + 2)] = target end
      end
    end
    if whole and record.fields then
      record.held = { fields = held.fields, targets = targets }
      record.refs = refs
      if next(refs) == nil then
        local filled = reference.fill(record, reference.key_of)
        record.held, record.refs = nil, nil
        record.fields = values.check(checker:rules(record.entry, record.name ~= nil), filled, record,
          checker.faults)
      end
    end
  end
  cycles.check(checker.entries, function(path, message) checker:add(path, message) end)
end

return resolving
