--- Writes a desired-state file, in Lua or JSON, record by record: its size does not matter.
--
-- A function of Lua takes a limited number of values (LuaJIT: 65,536). A small file is one table; a larger
-- one is filled in parts, each by a function of its own, so that every Lua can load it.

local core = require "patchbay.core"
local lua_value = require "patchbay.command.lua_value"
local text = require "patchbay.util.text"

local state_writer = {}

-- Values of one part of a file in Lua: a quarter of the limit, as keys and names count, too.
local PART = 16000

-- Columns of a line that holds a whole record.
local WIDTH = 110

-- ---- Lua ----

local Lua = {}
Lua.__index = Lua

-- A key in a constructor. A number that is not exact in every Lua is written as text, which is read by the
-- key's type.
local function lua_key(key)
  local written = type(key) == "number" and lua_value.of(key)
  if written then return "[" .. written .. "]" end
  return "[" .. lua_value.text(text.of(key)) .. "]"
end

-- The fields of a record as a constructor: a list of lines, of which the first follows its key. `indent`: of
-- the record. `fields`: list of { name, value as Lua }.
local function constructor(fields, indent, start)
  local parts = {}
  for i, field in ipairs(fields) do parts[i] = lua_value.name(field[1]) .. " = " .. field[2] end
  if not parts[1] then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #indent + #start + #line + 1 <= WIDTH then return line end
  local inner = "\n" .. indent .. "  "
  return "{" .. inner .. table.concat(parts, "," .. inner) .. ",\n" .. indent .. "}"
end

function Lua:begin()
  self.write("-- The present state of " .. self.title .. ".\n")
  for _, remark in ipairs(self.remarks) do self.write("-- " .. remark .. "\n") end
  self.write "\n"
end

-- Writes the text that is kept so far as the first part of a file in parts.
function Lua:split()
  self.parts = true
  self.write "-- In parts: a function of Lua takes a limited number of values.\nlocal state = {}\n"
  local kept = self.kept
  self.kept = {}
  for _, one in ipairs(kept) do self:put(one) end
end

function Lua:close_part()
  if self.open then self.write "end\nfill()\n" end
  self.open, self.count = false, 0
end

-- Writes one entry of a file in parts.
function Lua:put(one)
  if one.collection then
    self:close_part()
    self.name = "state[" .. lua_value.text(one.collection) .. "]"
    self.write(("\n%s = %s\n"):format(self.name, one.fields and constructor(one.fields, "", "") or "{}"))
    return
  end
  if self.count >= PART then self:close_part() end
  if not self.open then
    -- One name for all parts: a function has a limited number of local names.
    self.write(self.declared and "fill = function()\n" or "local fill = function()\n")
    self.write("  local records = " .. self.name .. "\n")
    self.open, self.declared = true, true
  end
  local start = ("records%s = "):format(lua_key(one.key))
  self.write("  " .. start .. constructor(one.fields, "  ", start) .. "\n")
  self.count = self.count + #one.fields + 1
end

function Lua:take(one, values)
  if self.parts then return self:put(one) end
  self.kept[#self.kept + 1], self.values = one, self.values + values
  if self.values > PART then self:split() end
end

function Lua:collection(full, fields)
  self:take({ collection = full, fields = fields }, 1 + #(fields or {}))
end

function Lua:record(key, fields) self:take({ key = key, fields = fields }, 1 + #fields) end

function Lua:finish()
  if self.parts then
    self:close_part()
    self.write "\nreturn state\n"
    return
  end
  self.write "return {\n"
  local open = false
  for _, one in ipairs(self.kept) do
    if one.collection then
      if open then self.write "  },\n" end
      local start = ("[%s] = "):format(lua_value.text(one.collection))
      self.write("  " .. start .. (one.fields and constructor(one.fields, "  ", start) .. ",\n" or "{\n"))
      open = not one.fields
    else
      local start = lua_key(one.key) .. " = "
      self.write("    " .. start .. constructor(one.fields, "    ", start) .. ",\n")
    end
  end
  if open then self.write "  },\n" end
  self.write "}\n"
end

Lua.value = lua_value.of

-- ---- JSON ----

local Json = {}
Json.__index = Json

function Json:begin() self.write "{" end

local function object(fields)
  local parts = {}
  for i, field in ipairs(fields) do parts[i] = core.json.encode(field[1]) .. ": " .. field[2] end
  return parts[1] and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

function Json:close_collection()
  if self.open then self.write(self.any and "\n  }" or "}") end
  self.open, self.any = false, false
end

function Json:collection(full, fields)
  self:close_collection()
  self.write(("%s\n  %s: %s"):format(self.started and "," or "", core.json.encode(full),
    fields and object(fields) or "{"))
  self.started, self.open = true, not fields
end

function Json:record(key, fields)
  self.write(("%s\n    %s: %s"):format(self.any and "," or "", core.json.encode(text.of(key)),
    object(fields)))
  self.any = true
end

function Json:finish()
  self:close_collection()
  self.write(self.started and "\n}\n" or "}\n")
end

-- A value as JSON; nil for text that is not UTF-8.
function Json.value(value)
  local ok, written = pcall(core.json.encode, value)
  return ok and text.visible_json(written) or nil
end

--- A writer. `format`: "lua" or "json"; `write(text)` takes the file's text piece by piece; `title`, and
-- `remarks`, a list of lines: for people, in Lua alone. Its methods: begin(); collection(full) before the
-- records of one, collection(full, fields) for a resource without keys; record(key, fields); finish().
-- `fields` is a list of { name, text }, the text as value(v) gives it, which is nil for a value that the
-- file cannot hold exactly.
function state_writer.new(format, write, title, remarks)
  local self = { write = write, title = title, remarks = remarks or {} }
  if format == "json" then
    self.started, self.open, self.any = false, false, false
    return setmetatable(self, Json)
  end
  self.kept, self.values, self.count, self.parts, self.open, self.declared = {}, 0, 0, false, false, false
  return setmetatable(self, Lua)
end

return state_writer
