--- Reads a table from a script by a description in vendor/language.lua: makes a copy of its valid
-- parts, and notes each fault with its place.
--
-- No code of the table runs: it is read raw, and a table with a metatable is refused. Each table is read once
-- for each rule, so that tables which hold others again and again take no longer than they are large, and
-- remain shared in the copy.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local faults = require "patchbay.vendor.faults"
local scalar = require "patchbay.vendor.scalar"
local shape = require "patchbay.vendor.shape"

local reader = {}

-- Tables in a description: a vendor with a thousand calls has some 50,000.
local MOST_TABLES = 200000

-- Tables inside tables: a schema may be 64 deep, with two tables a level.
local DEEPEST = 150

local Reader = {}
Reader.__index = Reader

-- ---- tables ----

-- Whether a table may be read: no metatable, nor too many tables. A list may have the mark of arrays.
function Reader:may_read(value, path, depth)
  if not shape.is_plain(value) then
    self.faults:add(path, "a table with a metatable; a description is plain data, of which a copy is made; "
      .. "write the values themselves into it")
    return false
  elseif depth > DEEPEST then
    self.faults:add(path, "tables lie more than %d deep in one another; write it flatter", DEEPEST)
    return false
  end
  self.tables = self.tables + 1
  if self.tables == MOST_TABLES then
    self.faults:add("", "it has more than %d tables; describe the resources that you need", MOST_TABLES)
  end
  return self.tables < MOST_TABLES
end

function Reader:keys_of(value, path)
  local names, count, others = shape.keys_of(value)
  if not names then
    self.faults:add(path, "more than %d entries; leave out what you do not need", shape.MOST_ENTRIES)
  end
  return names, count, others
end

-- Adds the faults of a list whose entries are named or distinct.
function Reader:check_distinct(list, rules, path)
  local seen = {}
  for _, entry in ipairs(list) do
    local name = entry
    if rules.of_names then name = entry[1] end
    local kind = type(name) .. tostring(name)
    if seen[kind] and rules.of_names then
      self.faults:add(faults.at(path, name), "there are two of this name; each name stands once; take one "
        .. "out")
    elseif seen[kind] then
      self.faults:add(path, "%s stands in it twice; take one out",
        type(name) == "string" and faults.quote(name) or tostring(name))
    end
    seen[kind] = true
  end
end

function Reader:array(value, rules, path, depth, copy)
  local names, count, others = self:keys_of(value, path)
  if not names then return nil end
  if names[1] or others[1] then
    self.faults:add(path, "expected a list, got a table with the member %s; write %s",
      names[1] and faults.quote(names[1]) or "[" .. check.got(others[1]) .. "]",
      rules.example or "{ … } with one entry after the other")
    return nil
  end
  for i = 1, count do
    local entry = rawget(value, i)
    if entry == nil then
      self.faults:add(faults.at(path, i), "a hole in the list; its entries stand one after the other")
      break
    end
    local read = self:read(entry, rules.items, shape.path_of_entry(path, i, entry, rules), depth + 1)
    -- An entry without a name cannot be looked at further.
    local nameless = rules.of_names and type(read) == "table" and read[1] == nil
    if read ~= nil and not nameless then copy[#copy + 1] = read end
  end
  if count < (rules.minItems or 0) then
    self.faults:add(path, "expected at least %d %s, got %s", rules.minItems,
      rules.minItems == 1 and "entry" or "entries", count == 0 and "an empty list" or tostring(count))
  end
  if rules.uniqueItems or rules.of_names then self:check_distinct(copy, rules, path) end
  return copy
end

-- A keyword that the rules do not know. `nameless`: the table lacks the name that it begins with.
function Reader:unknown(name, rules, path, nameless)
  if name == "name" and nameless then return end -- said by the missing one
  local _, known = shape.properties_of(rules)
  local place = self.places and self.places(name, rules)
  local suggestion = self.faults:suggestion(name, known, "its keywords")
  if place and not suggestion:find "^did you mean" then suggestion = place end
  self.faults:add(faults.at(path, name), "no keyword of %s, so that nothing would look at it; %s",
    rules.title, suggestion)
end

function Reader:missing(name, rules, path)
  local property = shape.properties_of(rules)[name]
  if name == 1 then
    return self.faults:add(path, 'it has no name; %s begins with its name; write { "Name", … }', rules.title)
  end
  self.faults:add(faults.at(path, name), "missing; %s needs it%s%s", rules.title,
    property.description and ": " .. property.description or "",
    property.example and "; write " .. property.example or "")
end

function Reader:object(value, rules, path, depth, copy)
  local names, count, others = self:keys_of(value, path)
  if not names then return nil end
  local known = shape.properties_of(rules)
  local misplaced = shape.out_of_place(value, rules, count, others)
  if misplaced ~= nil and rules.keys then
    self.faults:add(faults.at(path, misplaced), "each entry has a name; write %s", rules.entry or "name = "
      .. "…")
  elseif misplaced ~= nil then
    self.faults:add(faults.at(path, misplaced), "%s has keywords, and nothing at this position; write "
      .. "keyword = value", rules.title)
  end
  for _, property in ipairs(rules.properties or {}) do
    local member = rawget(value, property[1])
    if member ~= nil and not property.ignored then
      local at = type(property[1]) == "number" and path or faults.at(path, property[1])
      copy[property[1]] = self:read(member, property, at, depth + 1)
      if copy[property[1]] == nil and not property.plain then self.incomplete[copy] = true end
    end
  end
  for _, name in ipairs(names) do
    if not known[name] then self:additional(name, value, rules, path, depth, copy) end
  end
  if rules.keys and rules.keys.type == "integer" then self:numbered(value, rules, path, depth, copy) end
  for _, name in ipairs(rules.required or {}) do
    if rawget(value, name) == nil then
      self:missing(name, rules, path)
      self.incomplete[copy] = true
    end
  end
  if rules.minProperties and next(value) == nil then
    self.faults:add(path, "expected at least %d, got an empty table", rules.minProperties)
  end
  return copy
end

-- A member that `properties` does not name.
function Reader:additional(name, value, rules, path, depth, copy)
  if rules.keys and rules.keys.type == "integer" then
    self.faults:add(faults.at(path, name), "expected a number in brackets, such as [404]")
  elseif rules.keys then
    local before = #self.faults.list
    self:read(name, rules.keys, faults.at(path, name), depth)
    if #self.faults.list > before then return end
    copy[name] = self:read(rawget(value, name), rules.additionalProperties, faults.at(path, name), depth + 1)
  elseif not (rules.extensions and name:sub(1, #rules.extensions) == rules.extensions) then
    local begins_with_name = rules.required and rules.required[1] == 1
    self:unknown(name, rules, path, begins_with_name and rawget(value, 1) == nil)
    self.incomplete[copy] = true
  end
end

-- Members whose names are numbers.
function Reader:numbered(value, rules, path, depth, copy)
  local numbers = {}
  for key in next, value do
    if type(key) == "number" then numbers[#numbers + 1] = key end
  end
  table.sort(numbers)
  for _, number in ipairs(numbers) do
    local at = faults.at(path, number)
    if self:read(number, rules.keys, at, depth) ~= nil then
      copy[number] = self:read(rawget(value, number), rules.additionalProperties, at, depth + 1)
    end
  end
end

-- ---- unions ----

-- The kinds of Lua values that the rules accept.
local KINDS = { string = "string", integer = "number", number = "number", boolean = "boolean",
  array = "table", object = "table" }

local function branch_by_kind(value, rules)
  for _, branch in ipairs(rules.oneOf) do
    local target = branch.refers_to or branch
    if KINDS[target.type] == type(value) then return target end
  end
end

local function branch_by_member(value, rules, name)
  local said, known = rawget(value, name), {}
  for i, branch in ipairs(rules.oneOf) do
    local word = shape.properties_of(branch)[name].enum[1]
    known[i] = word
    if word == said then return branch end
  end
  local meant = type(said) == "string" and core.text.suggest(ascii.lower(said), known)
  for i, word in ipairs(known) do
    if word == meant then return rules.oneOf[i] end
  end
  return nil, known
end

function Reader:union(value, rules, path, depth)
  local by_member = rules.discriminator and rules.discriminator.propertyName
  if by_member then
    if type(value) ~= "table" then return self:read(value, rules.oneOf[1], path, depth) end
    if not shape.is_plain(value) then return self:read(value, rules.oneOf[1], path, depth) end
    local branch, known = branch_by_member(value, rules, by_member)
    if branch then
      local read = self:read(value, branch, path, depth)
      return read
    end
    local said = rawget(value, by_member)
    return self.faults:add(faults.at(path, by_member), "%s; it is one of %s; write %s",
      said == nil and "missing" or "unknown", table.concat(known, ", "), rules.example)
  end
  local branch = branch_by_kind(value, rules)
  if branch then
    local read = self:read(value, branch, path, depth)
    return read
  end
  local expected, seen = {}, {}
  for _, option in ipairs(rules.oneOf) do
    local target = option.refers_to or option
    local word = target.const ~= nil and tostring(target.const) or target.enum
      and faults.quote(target.enum[1]) or target.type
    if not seen[word] then expected[#expected + 1] = word end
    seen[word] = true
  end
  self.faults:add(path, "expected %s, got %s", table.concat(expected, " or "), faults.got(value))
end

-- ---- data ----

-- A copy of data of any kind; nil where JSON cannot hold it, as a sandbox could not send it then. Nothing in
-- it is a fault.
local function data(value)
  local encoded, text = pcall(core.json.encode, value)
  if encoded then return (core.json.decode(text)) end
end

-- ---- all of it ----

-- A value where a table is expected. It is not quoted: it may be a secret that stands in the wrong place.
function Reader:no_table(value, rules, path)
  local example, item = rules.example, rules.items and (rules.items.refers_to or rules.items)
  if item and type(value) == "string" and item.type == "string" and item.quoted ~= false then
    example = ("{ %s }"):format(faults.quote(value))
  end
  local remedy = rules.remedy or example and "write " .. example
  self.faults:add(path, "expected %s, got %s%s", rules.type == "array" and "a list" or "a table { … }",
    check.got(value), remedy and "; " .. remedy or "")
end

function Reader:table(value, rules, path, depth)
  if type(value) ~= "table" then return self:no_table(value, rules, path) end
  local done = self.read_by[rules]
  if not done then
    done = {}
    self.read_by[rules] = done
  end
  local before = done[value]
  if before == nil then
    if not self:may_read(value, path, depth) then
      done[value] = false
      return nil
    end
    done[value] = self
    local copy = self[rules.type](self, value, rules, path, depth, {})
    done[value] = copy or false
    return copy
  elseif before == self then
    return self.faults:add(path, "the table contains itself; a description ends somewhere; write out what "
      .. "lies in it, and leave the rest without a type")
  end
  return before or nil
end

--- The valid part of `value` by `rules`, as a copy; nil where nothing is valid. `path`: where it is.
function Reader:read(value, rules, path, depth)
  rules = rules.refers_to or rules
  if rules.plain then return data(value) end
  if rules.oneOf then return self:union(value, rules, path, depth) end
  if rules.type == "object" or rules.type == "array" then return self:table(value, rules, path, depth) end
  local read, problem = scalar.read(value, rules)
  if problem then
    local remedy = type(value) == "table" and rules.remedy
    self.faults:add(path, "%s%s", problem, remedy and "; " .. remedy or "")
  end
  return read
end

--- A reader that adds to `found` (see faults.lua). `places(name, rules)`: a sentence about where else the
-- unknown keyword `name` may stand, or nil. Its field `incomplete` is the set of the copies from which a
-- fault has taken something away.
function reader.new(found, places)
  return setmetatable({ faults = found, places = places, tables = 0, read_by = {},
    incomplete = setmetatable({}, { __mode = "k" }) }, Reader)
end

return reader
