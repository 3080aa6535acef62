--- The part of a snapshot that holds one collection. A record is kept as a line of JSON, so that a hundred
-- thousand of them take little more memory than their text.
--
--   {"key":"CRID-…","fields":{…},"secret":{"Password":"…"},"unsure":[["Field","masked"]],"whole":true}
--
-- `secret` has digests; `unsure` the paths of values that are not exactly known, and why; `whole` says that
-- the record was read by itself, so that fields that it lacks are empty.

local core = require "patchbay.core"
local concealing = require "patchbay.record.concealing"

local encode, decode = core.json.encode, core.json.decode

local section = {}

-- Failures that are kept with their messages.
local MOST_PROBLEMS = 100

local Section = {}
Section.__index = Section

--- A section. It has `shows`, the set of fields that the list shows of any record, and `assumed`, the set of
-- those that neither the list nor reads of some records show, so that they count as empty. `fields`: `name`
-- ("acme.calls[AccountSid=AC1]"), `account`, `collection` (its name), `place` (see record/collection.lua),
-- and further members that are known already.
function section.new(fields)
  local self = { lines = {}, keys = {}, count = 0, shows = {}, assumed = {}, complete = true, problems = {},
    problem_count = 0 }
  for name, value in pairs(fields) do self[name] = value end
  return setmetatable(self, Section)
end

--- The name of a key in the index: "1" and 1 are two keys.
function section.slot(key)
  if key == nil or key == core.json.null then return "" end
  return encode(key)
end

--- Adds, or replaces, the line of a record.
function Section:put(key, line)
  local slot = section.slot(key)
  if self.lines[slot] == nil then
    self.count = self.count + 1
    self.keys[self.count] = slot
  end
  self.lines[slot] = line
end

--- Removes a record.
function Section:remove(key)
  local slot = section.slot(key)
  if self.lines[slot] == nil then return end
  self.lines[slot] = nil
  for i, known in ipairs(self.keys) do
    if known == slot then
      table.remove(self.keys, i)
      break
    end
  end
  self.count = self.count - 1
end

--- Takes the reading of a record. `whole`: whether it was read by itself; `how`: the treatment of secrets.
function Section:take(collection, key, reading, whole, how)
  local unsure
  for name, paths in pairs(reading.unsure or {}) do
    for _, path in ipairs(paths) do
      unsure = unsure or {}
      unsure[#unsure + 1] = { path[1] and table.concat(path, ".") or name, path.why or "inexact" }
    end
  end
  if unsure then
    table.sort(unsure, function(a, b) return a[1] < b[1] end)
    core.json.array(unsure)
  end
  local fields, digests = concealing.of(collection, key, reading.fields, how)
  self:put(key, encode { key = key == nil and core.json.null or key, fields = fields, secret = digests,
    unsure = unsure, whole = whole or nil })
end

--- Notes a failure: the section is not complete. `key`: of the record that could not be read, or nil.
function Section:fail(message, key)
  self.complete = false
  self.problem_count = self.problem_count + 1
  if #self.problems < MOST_PROBLEMS then
    self.problems[#self.problems + 1] = { key = key, message = message }
  end
end

--- The record under a name of the index: { key =, fields =, secret =, unsure =, whole = }; or nil.
function Section:record(slot)
  local line = self.lines[slot]
  return line and decode(line)
end

--- Whether one name in the index comes before another: numbers before texts, which begin with a quotation
-- mark there.
function section.before(a, b)
  local one, other = tonumber(a), tonumber(b)
  if one and other then return one < other end
  if one or other then return one ~= nil end
  return a < b
end

--- The names of the records in the index, in the order of the keys.
function Section:sorted()
  if not self.is_sorted then
    table.sort(self.keys, section.before)
    self.is_sorted = true
  end
  return self.keys
end

--- Whether the parts of the field `top` that a record lacks are known to be empty. `other`: the section that
-- it is compared with. Where the list of that one shows the field, the list of this one would have.
function Section:knows(record, top, other)
  for _, path in ipairs(record.unsure or {}) do
    if path[1]:match "^[^.]*" == top then return false end
  end
  if record.fields[top] ~= nil then return true end
  if record.whole or self.shows[top] then return true end
  return self.assumed[top] ~= nil and other.shows[top] ~= nil
end

return section
