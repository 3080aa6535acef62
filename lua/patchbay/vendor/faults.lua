--- The faults of a description: where each is, and the error that names them all.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local text = require "patchbay.util.text"

local faults = {}

-- More would fill a terminal; the rest is counted.
local MOST_SHOWN = 50

-- Of more, none is worded: Lua 5.1 needs the square of the time for many long texts that are alike.
local MOST_COUNTED = 1000

-- Longer names and values are cut in messages.
local LONGEST_SHOWN = 80

-- Longer lists of known names are no help.
local MOST_LISTED = 15

--- A text from a description as a message quotes it.
function faults.quote(value) return text.shorten(text.quote(value), LONGEST_SHOWN) end

--- A value as a message names it; a text is quoted.
function faults.got(value) return type(value) == "string" and faults.quote(value) or check.got(value) end

--- The path of the member `key` in the table at `path` ("" for the description itself).
function faults.at(path, key)
  if type(key) == "number" then return ("%s[%s]"):format(path, text.of(key)) end
  if type(key) ~= "string" then return ("%s[a %s]"):format(path, type(key)) end
  if not key:find "^[A-Za-z_][A-Za-z0-9_]*$" or #key > LONGEST_SHOWN then
    return ("%s[%s]"):format(path, faults.quote(key))
  end
  return path == "" and key or path .. "." .. key
end

--- The end of a message about the unknown `name`: the one of the `known` names that was probably meant, or
-- all of them where they are few. `what`: a noun for them in the plural.
function faults.suggestion(name, known, what)
  local meant = type(name) == "string" and core.text.suggest(name, known)
  if meant then return ("did you mean %s?"):format(faults.quote(meant)) end
  if #known == 0 then return ("there are no %s"):format(what) end
  if #known > MOST_LISTED then
    return ("%s are %s …"):format(what, table.concat(known, ", ", 1, MOST_LISTED))
  end
  return ("%s are %s"):format(what, table.concat(known, ", "))
end

--- The names in a table, sorted.
function faults.names(set)
  local names = {}
  for name in pairs(set) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local Faults = {}
Faults.__index = Faults

--- An empty list of faults.
function faults.new() return setmetatable({ list = {}, known = {} }, Faults) end

--- The suggestion for a name (see faults.suggestion) as long as it would be shown. Finding one takes time in
-- proportion to the known names, which thousands of faults would multiply.
function Faults:suggestion(name, known, what)
  if #self.list >= MOST_SHOWN then return "" end
  return faults.suggestion(name, known, what)
end

--- Adds a fault at `path`: "fault; rule; suggestion". The same one is added once.
function Faults:add(path, message, ...)
  if #self.list > MOST_COUNTED then
    self.list[#self.list + 1] = message
    return
  end
  if select("#", ...) > 0 then message = message:format(...) end
  local line = (path == "" and "the description" or path) .. ": " .. message
  if self.known[line] then return end
  self.known[line], self.list[#self.list + 1] = true, line
end

--- The text of the error, or nil without faults. `name`: the vendor's, where it is valid.
function Faults:text(name)
  local count = #self.list
  if count == 0 then return nil end
  local number = count > MOST_COUNTED and ("more than %d faults"):format(MOST_COUNTED)
    or count == 1 and "1 fault" or count .. " faults"
  local lines = { ("patchbay.vendor: %s in the description%s"):format(number, name and " of " .. name or "") }
  for i = 1, math.min(count, MOST_SHOWN) do lines[#lines + 1] = "  " .. self.list[i] end
  if count > MOST_COUNTED then
    lines[#lines + 1] = "  and many more"
  elseif count > MOST_SHOWN then
    lines[#lines + 1] = ("  and %d more"):format(count - MOST_SHOWN)
  end
  return table.concat(lines, "\n")
end

return faults
