--- Assignments on the command line: `Field=text`, `Field:=json`, `Field=@file`, `Field=-`.
--
-- The text is read by the field's type in the description. All faults are found before anything is sent, and
-- each names the argument. Values of secret fields, of files and of standard input are never shown.

local files = require "patchbay.command.files"
local core = require "patchbay.core"
local check = require "patchbay.util.check"
local field_text = require "patchbay.command.field_text"
local paths = require "patchbay.desired.paths"
local text = require "patchbay.util.text"
local values = require "patchbay.desired.values"

local assignment = {}

-- Bytes of a value out of a file: no field takes a hundredth of it, and a device never ends.
local MOST_TEXT = 16 * 1024 * 1024

-- Bytes of an argument, in a fault.
local LONGEST_SHOWN = 80

local Reader = {}
Reader.__index = Reader

function Reader:fault(message, ...)
  self.faults[#self.faults + 1] = self.shown .. ": " .. message:format(...)
end

-- ---- the value as text ----

-- One line end at the end is the editor's, or the one that `echo` writes.
local function without_line_end(content) return (content:gsub("\r?\n$", "", 1)) end

-- The text that an argument gives for the field, and whether it stands elsewhere; nil after a fault.
function Reader:given(path, operator, value)
  if value == "-" then
    if self.used_input then
      self:fault("standard input is read once, and %s has it already; give this one as %s%s@FILE",
        self.used_input, path, operator)
      return nil
    end
    self.used_input = path
    local content, problem = self.input()
    -- A command before the pipe that failed has written nothing.
    if content == "" then content, problem = nil, ("is empty; the empty text is written %s="):format(path) end
    if content and #content <= MOST_TEXT then return without_line_end(content), true end
    self:fault("standard input %s", problem or ("has more than %d MB"):format(MOST_TEXT / 1024 / 1024))
    return nil
  end
  if value:sub(1, 1) ~= "@" then return value, false end
  local name = value:sub(2)
  local as_text = ("; the text itself is written %s:=%s"):format(path, "'\"@…\"'")
  if name == "" then
    self:fault("no file is named behind @%s", as_text)
    return nil
  end
  local content, problem = files.read(name, MOST_TEXT + 1)
  if content and #content > MOST_TEXT then
    content, problem = nil, ("has more than %d MB"):format(MOST_TEXT / 1024 / 1024)
  end
  if content then return without_line_end(content), true end
  self:fault("%s %s%s", text.quote(name), problem, as_text)
  return nil
end

-- ---- the value by its type ----

local STRUCTURED = { array = "a list", object = "an object" }

-- The value of an argument. Returns true and the value, or nil after a fault.
function Reader:value(path, field, operator, given, elsewhere)
  if operator == ":=" then
    local value, err = core.json.decode(given)
    if value ~= nil then return true, value end
    self:fault("not JSON: %s%s", (err.message:gsub(" at byte %d+$", "")),
      elsewhere and "" or ("; for the text as it stands write %s=…"):format(path))
    return nil
  end
  local value = field_text.value(self.rules, field, given)
  local structure = field and STRUCTURED[field.type]
  if structure and type(value) ~= "table" then
    local _, err = core.json.decode(given)
    self:fault("it takes %s, which is written as JSON, such as %s:=%s (%s)", structure, path,
      field.type == "array" and "'[…]'" or "'{…}'",
      err and (err.message:gsub(" at byte %d+$", "")) or "this is none")
    return nil
  end
  if value == given and given == "null" and field and field.nullable then
    if field.type ~= "string" and field.type ~= nil then
      self:fault("this is the text null; JSON null is written %s:=null", path)
      return nil
    end
  end
  return true, value
end

-- ---- fields ----

-- The names in the object at which a path ends, for a suggestion.
local function names_of(list)
  local names = {}
  for i, field in ipairs(list or {}) do names[i] = field[1] end
  return names
end

-- The description of the field at a path; or nil and the problem; or nil where the client lets any field
-- through.
function Reader:field(path)
  local rules = self.rules
  if rules.fields[path] then return rules.fields[path] end
  local parents, field, list = nil, nil, nil
  for name in path:gmatch "[^.]+" do
    local found
    if not parents then
      found = rules.fields[name]
    else
      list = field.properties
      for _, property in ipairs(list or {}) do
        if property[1] == name then found = property end
      end
    end
    if not found then
      if field and field.type ~= nil and field.type ~= "object" then
        return nil, ("%s is no object: it has no fields in it"):format(parents)
      end
      if rules.lenient or field and (field.additionalProperties or not field.properties
        and (field.type == nil or field.type == "object")) then return nil end
      local known = parents and names_of(list) or rules.resource.field_names
      local meant = check.suggestion(name, known)
      return nil, "no such field" .. (meant ~= "" and meant
        or ("; patchbay describe shows those of %s"):format(rules.resource.name))
    end
    field, parents = found, parents and parents .. "." .. name or name
  end
  return field
end

-- The problem with giving both paths, or nil.
local function overlap(path, other)
  if path == other then return "it is given twice; leave one of them out" end
  local longer, shorter = path, other
  if #path < #other then longer, shorter = other, path end
  if longer:sub(1, #shorter + 1) == shorter .. "." then
    return ("%s is a part of %s, which is given as a whole; leave one of them out"):format(longer, shorter)
  end
end

-- Checks a value by the rules of assignments; adds its faults.
function Reader:check(path, operator, field, value, elsewhere)
  local fields, list = {}, {}
  -- A name with a full stop in it is no path.
  if self.rules.fields[path] then fields[path] = value else paths.set(fields, path, value) end
  local checked = values.check(self.rules, fields, { path = "" }, list)
  if checked then return true end
  local hides = elsewhere or self.is_secret(path)
  for _, fault in ipairs(list) do
    local where = fault.path:gsub("^%.", "")
    local message = fault.message:gsub("; leave it out[^;]*$", "")
    if hides then message = message:gsub(", got .-;", ";"):gsub(", got [^;]*$", "") end
    if field and field.nullable and value == "" then
      message = message .. ("; %s:=null is JSON null"):format(path)
    end
    local inner = where ~= path and where:sub(1, #path) == path and "in " .. where .. ": " or ""
    message = message:gsub('; write patchbay%.json%.number "([^"]*)"$', ("; write %s:=%%1"):format(path))
    if operator == ":=" and inner == "" then
      -- A text in quotation marks is the shell's, and not Lua's.
      message = message:gsub('; write "([^"]*)"$', function(given)
        return ("; write %s=%s"):format(path, given)
      end)
    end
    self:fault("%s%s", inner, message)
  end
  return false
end

-- ---- arguments ----

-- The argument as faults name it: without a value that is a secret.
local function shown_argument(argument, path, operator, is_secret)
  if is_secret then return path .. operator .. "…" end
  return core.text.visible(text.shorten(argument, LONGEST_SHOWN))
end

-- Splits an argument into the path, the operator and the value; or nil and the problem.
local function split(argument)
  local path, value = argument:match "^([^=]*)=(.*)$"
  if not path then
    local name = argument:match "^([%a_][%w_.]*):"
    return nil, name and ("expected Field=value; did you mean %s:=…?"):format(name)
      or "expected Field=text, Field:=json, Field=@FILE or Field=-"
  end
  local operator = "="
  if path:sub(-1) == ":" then path, operator = path:sub(1, -2), ":=" end
  if path == "" then return nil, "no field is named before " .. operator end
  if path:find "^%." or path:find "%.$" or path:find("..", 1, true) then
    return nil, "a field within an object is written a.b=value"
  end
  return path, operator, value
end

function Reader:read(argument)
  -- Without the value, which may be a secret that was meant for another field.
  local start = argument:match "^[^:=]*:=" or argument:match "^[^:=]*[:=]"
  self.shown = core.text.visible(text.shorten(start and start .. "…" or argument, LONGEST_SHOWN))
  local path, operator, value = split(argument)
  if not path then return self:fault("%s", operator) end
  local field, problem = self:field(path)
  if problem then return self:fault("%s", problem) end
  self.shown = shown_argument(argument, path, operator, self.is_secret(path))
  for _, other in ipairs(self.list) do
    problem = overlap(path, other.path)
    if problem then return self:fault("%s", problem) end
  end
  local given, elsewhere = self:given(path, operator, value)
  if not given then return end
  local ok, typed_value = self:value(path, field, operator, given, elsewhere)
  if ok and self:check(path, operator, field, typed_value, elsewhere) then
    self.list[#self.list + 1] = { path = path, value = typed_value }
  end
end

--- Reads `arguments`, a list of texts such as "TrunkIp1=20.87.87.87". `collection`: the internals of the
-- collection (see record/collection.lua); `input`: a function that returns all of standard input, or nil and
-- the problem. Returns a list of { path =, value = } in their order; or nil and a list of sentences, one a
-- fault. `creating`: by the rules of create.
function assignment.read(arguments, collection, input, creating)
  local self = setmetatable({
    rules = values.rules(collection, creating), input = input, list = {}, faults = {}, shown = "",
    is_secret = function(path) return paths.is_secret(collection, path) end,
  }, Reader)
  for _, argument in ipairs(arguments) do self:read(argument) end
  if self.faults[1] then return nil, self.faults end
  return self.list
end

--- The description of the field at a path; or nil and the problem. `rules`: see desired/values.lua.
function assignment.field(rules, path)
  if not split(path .. "=") then return nil, "a field is written Field, and one within an object a.b" end
  local field, problem = Reader.field({ rules = rules }, path)
  return field, problem
end

--- Assigns the list that `read` has returned to a record. Returns true, or nil and the problem.
function assignment.assign(record, list)
  for _, entry in ipairs(list) do
    local node, name = record, nil
    local metatable = getmetatable(record)
    if metatable.__fields[entry.path] then
      name = entry.path
    else
      local at
      for part in entry.path:gmatch "[^.]+" do
        if name then
          at = at and at .. "." .. name or name
          node = node[name]
          if not core.record.is(node) then
            return nil, ("%s: what %s has is not known, so a part of it cannot be changed; give it as a "
              .. "whole: %s:='{…}'"):format(entry.path, at, at)
          end
        end
        name = part
      end
    end
    local ok, problem = pcall(function() node[name] = entry.value end)
    if not ok then return nil, (tostring(problem):gsub("^[^:]*:%d+: ", "")) end
  end
  return true
end

return assignment
