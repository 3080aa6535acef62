--- A description as a Lua file that people read, keep and edit: `return { name = "acme", … }`.
--
-- The same description gives the same text, in the order of docs/descriptions.md, and the file evaluates to
-- an equal description. Tables that stand in several places are written once, in front. Whatever the texts
-- hold, they are texts in quotes or comments.

local keyword_order = require "patchbay.import.keyword_order"
local lua_text = require "patchbay.import.lua_text"
local shared_tables = require "patchbay.import.shared_tables"

local write = {}

-- The module that a written file takes JSON null and exact numbers from.
local MODULE = "patchbay"

local WIDTH = 110
local INDENT = "  "
-- Pieces of a text that stand one below the other: each is a level of Lua's grammar.
local MOST_PIECES = 100
-- Bytes of a comment's line.
local LONGEST_COMMENT = 300

-- Whether a table has rules for a value: a field, or the items of a list.
local function is_field(value)
  return type(rawget(value, 1)) == "string" and next(value, 1) ~= nil and value.type ~= nil
    or type(value.type) == "string" or value.oneOf ~= nil or value.anyOf ~= nil
end

-- The members of a table: the number of its positions, and the other keys, ordered.
local function keys_of(value)
  local count, names, numbers = #value, {}, {}
  for key in next, value do
    if type(key) == "string" then
      names[#names + 1] = key
    elseif not (key % 1 == 0 and key >= 1 and key <= count) then
      numbers[#numbers + 1] = key
    end
  end
  table.sort(numbers)
  return count, keyword_order(names, is_field(value)), numbers
end

-- The path of a member, as messages about descriptions and reports name it.
local function at(path, key, value)
  if type(key) == "number" then
    local name = type(value) == "table" and rawget(value, 1)
    if type(name) ~= "string" then return ("%s[%d]"):format(path, key) end
    key = name
  end
  if not lua_text.is_name(key) then return ("%s[%s]"):format(path, lua_text.quote(key)) end
  return path == "" and key or path .. "." .. key
end

local Writer = {}
Writer.__index = Writer

-- The code of a value on one line, or nil where it is longer than `room` or has comments in it.
function Writer:line(value, path, room)
  if type(value) ~= "table" then
    local code = lua_text.scalar(value)
    return #code <= room and code or nil
  end
  if self.names[value] then return "shared." .. self.names[value] end
  if next(value) == nil then return "{}" end
  local parts, length = {}, 4
  local function add(prefix, key, member)
    local where = at(path, key, member)
    if self.comments[where] then return false end
    local code = self:line(member, where, room - length)
    if not code then return false end
    parts[#parts + 1] = prefix .. code
    length = length + #prefix + #code + 2
    return length <= room + 2
  end
  local count, names, numbers = keys_of(value)
  for index = 1, count do
    if not add("", index, value[index]) then return nil end
  end
  for _, list in ipairs { names, numbers } do
    for _, key in ipairs(list) do
      if not add(lua_text.key(key) .. " = ", key, value[key]) then return nil end
    end
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- A long text as pieces that end between words.
local function pieces(value, room)
  local found, rest = {}, value
  while #rest > room and #found < MOST_PIECES do
    local cut = rest:sub(1, room):match "^.* ()" or rest:match "^[^ ]* ()"
    if not cut then break end
    found[#found + 1], rest = rest:sub(1, cut - 1), rest:sub(cut)
  end
  found[#found + 1] = rest
  return found
end

function Writer:text(value, indent)
  local parts = pieces(value, WIDTH - #indent - 20)
  for index, part in ipairs(parts) do parts[index] = lua_text.quote(part) end
  return table.concat(parts, "\n" .. indent .. INDENT .. ".. ")
end

function Writer:add_comments(path, indent)
  for _, comment in ipairs(self.comments[path] or {}) do
    local line = lua_text.comment(comment)
    if #line > LONGEST_COMMENT then line = line:sub(1, LONGEST_COMMENT):gsub("[\128-\255]+$", "")
      .. " …" end
    self.lines[#self.lines + 1] = indent .. "-- " .. line
  end
end

-- Appends `before`, the value and `behind`.
function Writer:add(before, value, behind, path, indent)
  local start = indent .. before
  local code = self:line(value, path, WIDTH - #start - #behind)
  if not code and type(value) == "string" then code = self:text(value, indent) end
  code = code or type(value) ~= "table" and lua_text.scalar(value)
  if code then
    self.lines[#self.lines + 1] = start .. code .. behind
    return
  end
  self.lines[#self.lines + 1] = start .. "{"
  self:add_members(value, path, indent .. INDENT)
  self.lines[#self.lines + 1] = indent .. "}" .. behind
end

-- Members of a field, or of a list, that stand beside others on a line where there is room.
local MOST_BESIDE = 60

function Writer:add_members(value, path, indent)
  local count, names, numbers = keys_of(value)
  local line, side_by_side = "", is_field(value)
  local function flush()
    if line ~= "" then self.lines[#self.lines + 1] = indent .. line end
    line = ""
  end
  local function add(prefix, key, member)
    local where = at(path, key, member)
    local beside = side_by_side or type(key) == "number" and type(member) ~= "table"
    local code = beside and not self.comments[where] and self:line(member, where, MOST_BESIDE)
    if code then
      code = prefix .. code .. ","
      if #indent + #line + 1 + #code > WIDTH then flush() end
      line = line == "" and code or line .. " " .. code
      return
    end
    flush()
    self:add_comments(where, indent)
    self:add(prefix, member, ",", where, indent)
  end
  for index = 1, count do add("", index, value[index]) end
  for _, list in ipairs { names, numbers } do
    for _, key in ipairs(list) do add(lua_text.key(key) .. " = ", key, value[key]) end
  end
  flush()
end

--- The text of a file that evaluates to `description`. `comments`: path of a table in it
-- ("resources.calls.fields.Note") -> list of sentences that stand above it; `head`: sentences at the top.
function write.text(description, comments, head)
  local order, names, uses_null, uses_number = shared_tables(description)
  local self = setmetatable({ names = {}, comments = comments or {}, lines = {} }, Writer)
  for _, sentence in ipairs(head or {}) do
    self.lines[#self.lines + 1] = ("-- " .. lua_text.comment(sentence)):gsub(" $", "")
  end
  if head and head[1] then self.lines[#self.lines + 1] = "" end
  if uses_null then self.lines[#self.lines + 1] = ('local null = require(%q).null'):format(MODULE) end
  if uses_number then
    self.lines[#self.lines + 1] = ('local number = require(%q).json.number'):format(MODULE)
  end
  if order[1] then
    self.lines[#self.lines + 1] = "-- Rules that stand in several places."
    self.lines[#self.lines + 1] = "local shared = {}"
    self.lines[#self.lines + 1] = ""
    for _, value in ipairs(order) do
      -- A table in front names only those before it.
      self:add(("shared.%s = "):format(names[value]), value, "", "shared." .. names[value], "")
      self.names[value] = names[value]
    end
    self.lines[#self.lines + 1] = ""
  end
  self:add("return ", description, "", "", "")
  return table.concat(self.lines, "\n") .. "\n"
end

return write
