--- The rows of a CSV file as changes of records: which columns are which fields, and which values each row
-- sends. The whole file is checked before anything is sent.

local assignment = require "patchbay.command.assignment"
local check = require "patchbay.util.check"
local contexts = require "patchbay.command.context"
local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local field_text = require "patchbay.command.field_text"
local keys = require "patchbay.record.key"
local paths = require "patchbay.desired.paths"
local text = require "patchbay.util.text"
local typed = require "patchbay.desired.typed"
local values = require "patchbay.desired.values"

local bulk_rows = {}

-- More faults are counted.
local MOST_FAULTS = 1000

-- The columns that a file of failures has besides those of its items (see bulk/failures_csv.lua).
local OF_FAILURES = { error_kind = true, error_outcome = true, error_message = true }

local Rows = {}
Rows.__index = Rows

function Rows:fault(message, ...)
  if #self.faults < MOST_FAULTS then self.faults[#self.faults + 1] = message:format(...) end
end

-- ---- columns ----

-- The fields that the options --set name: `columns`, a list of { path, column }, and `constants`, a list of {
-- path, value }. Constants are checked as assignments of the command line.
function Rows:read_sets(sets)
  local constants = {}
  for _, given in ipairs(sets) do
    local path, column = given:match "^([^=]*)=(.*)$"
    if path and path:sub(-1) == ":" then
      constants[#constants + 1] = given
    elseif path == nil then
      self.columns[#self.columns + 1] = { given, given }
    else
      self.columns[#self.columns + 1] = { path, column }
    end
  end
  local list, faults = assignment.read(constants, self.collection, function()
    return nil, "is not read here"
  end)
  for _, fault in ipairs(faults or {}) do self:fault("--set %s", fault) end
  self.constants = list or {}
  for _, one in ipairs(self.columns) do
    local field, problem = assignment.field(self.rules, one[1])
    if problem then
      self:fault("--set %s: %s", one[1], problem)
    elseif one[2] == "" then
      self:fault("--set %s=: no column is named; one value for all records is written %s:=…",
        one[1], one[1])
    end
    one.field = field
  end
  self:check_overlap()
end

-- The same field must not be set twice.
function Rows:check_overlap()
  local seen = {}
  for _, list in ipairs { self.columns, self.constants } do
    for _, one in ipairs(list) do
      local path = one[1] or one.path
      for other in pairs(seen) do
        if other == path or path:sub(1, #other + 1) == other .. "." or other:sub(1, #path + 1) == path .. "."
        then
          self:fault("--set %s: it is set already%s", path, other ~= path and " with " .. other or "")
        end
      end
      seen[path] = true
    end
  end
end

-- Without --set: each other column is a field.
function Rows:all_columns(names)
  for _, name in ipairs(names) do
    if name ~= self.key and not OF_FAILURES[name] then
      local field, problem = assignment.field(self.rules, name)
      if problem then
        self:fault("%s: column %q: %s Name the columns to take: --set Field=column", self.path,
          name, (problem:gsub("[^?]$", "%0.")))
      end
      self.columns[#self.columns + 1] = { name, name, field = field }
    end
  end
  if not self.columns[1] and not self.faults[1] then
    self:fault("%s: it has no columns besides the key; name a value: --set Field:=json", self.path)
  end
end

-- Looks for the columns in the header.
function Rows:check_header(names, key_given)
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  if not known[self.key] then
    local meant = check.suggestion(self.key, names)
    self:fault("%s: it has no column %q for the key%s%s", self.path, self.key, meant, key_given and ""
      or (meant ~= "" and " " or "; ") .. "--key COLUMN says which it is")
  end
  for _, one in ipairs(self.columns) do
    if not known[one[2]] then
      local meant = check.suggestion(one[2], names)
      if meant == "" and one[1] ~= one[2] then
        meant = ("; a value for all records is written --set %s:=…"):format(one[1])
      end
      self:fault("%s: it has no column %q%s", self.path, one[2], meant)
    end
  end
end

-- ---- rows ----

-- The key of a row; nil after a fault.
function Rows:key_of(row, line)
  local cell = rawget(row, self.key)
  if cell == "" then return self:fault("%s:%d: no key: %s is empty", self.path, line, self.key) end
  local key = typed.from_text(self.collection.resource.key_field, cell)
  local problem = keys.problem(self.collection.resource, key)
  if problem then return self:fault("%s:%d: %s", self.path, line, problem) end
  return key
end

-- The assignments of a row: a list of { path =, value = }. An empty cell says nothing.
function Rows:values_of(row)
  local list = {}
  for _, one in ipairs(self.columns) do
    local cell = rawget(row, one[2])
    if cell ~= "" then
      list[#list + 1] = { path = one[1], value = field_text.value(self.rules, one.field, cell) }
    end
  end
  for _, one in ipairs(self.constants) do list[#list + 1] = one end
  return list
end

-- Sets one value in a table of fields. A name with a full stop in it may be a field's.
function Rows:put(fields, one)
  if self.rules.fields[one.path] then
    fields[one.path] = one.value
  else
    paths.set(fields, one.path, one.value)
  end
end

-- Checks the values of a row by the rules of assignments.
function Rows:check_values(list, line)
  local fields = {}
  for _, one in ipairs(list) do self:put(fields, one) end
  if core.schema.check(self.rules.schema, fields, "") then return end
  for _, one in ipairs(list) do
    local own, found = {}, {}
    self:put(own, one)
    if not values.check(self.rules, own, { path = "" }, found) then
      for _, fault in ipairs(found) do
        local message = fault.message
        if paths.is_secret(self.collection, one.path) then message = message:gsub(", got .*$", "") end
        self:fault("%s:%d: %s: %s", self.path, line, (fault.path:gsub("^%.", "")), message)
      end
    end
  end
end

--- The changes of the file, one after the other: an iterator over rows, each with its key, the assignments (a
-- list of { path =, value = }) and its line. A row without values is passed over.
function Rows:iterate()
  local rows = csv.rows(self.path, { separator = self.separator })
  return function()
    while true do
      local row, line = rows()
      if row == nil then return nil end
      local key = typed.from_text(self.collection.resource.key_field, rawget(row, self.key))
      local list = self:values_of(row)
      if list[1] then return row, key, list, line end
    end
  end
end

--- Reads the whole file and checks it. Returns true and fills `count` (rows that change something), `empty`
-- (rows without a value) and `first` (the first few: { key, list }); or nil, and `faults` has them.
function Rows:check(shown)
  local ok, raised = pcall(function()
    local rows = csv.rows(self.path, { separator = self.separator })
    local seen, names = {}, csv.columns(rows)
    if not self.has_sets then self:all_columns(names) end
    self:check_header(names, self.key_given)
    if self.faults[1] then return end
    for row, line in rows do
      local key = self:key_of(row, line)
      if key ~= nil then
        local name = text.of(key):lower()
        if seen[name] then
          self:fault("%s:%d: %s is in line %d already; a record stands in one row", self.path, line,
            text.of(key), seen[name])
        end
        seen[name] = seen[name] or line
        local list = self:values_of(row)
        self:check_values(list, line)
        if list[1] then
          self.count = self.count + 1
          if #self.first < shown then self.first[#self.first + 1] = { key, list } end
        else
          self.empty = self.empty + 1
        end
      end
    end
  end)
  if not ok then
    if type(raised) ~= "string" or contexts.is_interrupt(raised) then error(raised, 0) end
    self:fault("%s", (raised:gsub("^[^%s:]+%.lua:%d+: ", "")))
  end
  return self.faults[1] == nil or nil
end

--- A word for the job in a journal: the collection, and where each field comes from. Values that stand for
-- all records are in it as keyed digests, as they may be secrets.
function Rows:job(full)
  local parts = { "bulk " .. full, "key=" .. self.key }
  for _, one in ipairs(self.columns) do parts[#parts + 1] = one[1] .. "=" .. one[2] end
  for _, one in ipairs(self.constants) do
    local written = core.json.encode(one.value)
    local digest = self.collection.context.digest(("bulk\n%s\n%s"):format(one.path, written))
    parts[#parts + 1] = one.path .. ":=" .. (digest and digest:sub(1, 16) or "?")
  end
  return table.concat(parts, " ")
end

--- The rows of the CSV file at `path` for a collection. `settings`: `key` (a column, or nil), `sets` (the
-- texts of the options --set), `separator`.
function bulk_rows.new(path, collection, settings)
  local self = setmetatable({
    path = path, collection = collection, rules = values.rules(collection, false),
    key = settings.key or collection.resource.key, key_given = settings.key ~= nil,
    separator = settings.separator, columns = {}, constants = {}, faults = {}, count = 0, empty = 0,
    first = {}, has_sets = settings.sets[1] ~= nil,
  }, Rows)
  self:read_sets(settings.sets)
  return self
end

return bulk_rows
