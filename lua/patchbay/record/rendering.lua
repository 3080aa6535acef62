--- Records, and the results of their methods, as text for people. Secrets are masked by then; text of a
-- vendor cannot move a terminal's cursor, and each text is bounded.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local diff = require "patchbay.record.diff"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"
local url = require "patchbay.util.url"
local values = require "patchbay.record.values"

local record, json = core.record, core.json

local rendering = {}

-- Bytes of an assigned or compared value, and of one that is only known, in one line.
local LONGEST_VALUE, LONGEST_KNOWN = 200, 60

-- Assigned fields, and known ones, in one line; fields of a list with a line for each.
local NAMED, MOST_LINES = 5, 200

--- A value as a message shows it, at most `longest` bytes (200) of it.
function rendering.value(value, longest)
  longest = longest or LONGEST_VALUE
  if type(value) == "string" then return text.quote(text.shorten(value, longest)) end
  if type(value) == "table" then
    -- A list that was changed in place may hold anything; the update reports its problem.
    local ok, written = pcall(json.encode, value)
    return ok and text.visible_json(text.shorten(written, longest)) or "(cannot be written as JSON)"
  end
  return text.of(value)
end

-- `NAME = value, …` of at most NAMED of the fields that `next_field` gives: a name and a value; `count` of
-- them in all.
local function joined(count, next_field, longest)
  local parts = {}
  for i = 1, math.min(count, NAMED) do
    local name, value = next_field(i)
    parts[i] = name .. " = " .. rendering.value(value, longest)
  end
  if count > NAMED then parts[NAMED + 1] = ("%d more"):format(count - NAMED) end
  return table.concat(parts, ", ")
end

--- The names of the known fields of a record or of an object in it: those of the description in its order,
-- then the others by name.
function rendering.names(node)
  local names, count, rest = record.names(node)
  for i, name in ipairs(check.names(rest)) do names[count + i] = name end
  return names
end

-- The known fields that are not assigned, but for the key, in one line.
local function known_fields(self, list)
  local seen, left = { [record.owner(self).resource.key or false] = true }, {}
  for _, change in ipairs(list) do seen[change.field:match "^[^.]*"] = true end
  local known = values.of(self, "mask")
  for _, name in ipairs(rendering.names(self)) do
    if not seen[name] and known[name] ~= nil then left[#left + 1] = name end
  end
  return joined(#left, function(i) return left[i], known[left[i]] end, LONGEST_KNOWN)
end

-- The assigned and the known fields, in one line in parentheses; "" where there are neither.
local function contents(self)
  local list = diff.list(self)
  local assigned = joined(#list, function(i) return list[i].field, list[i].to end)
  local known = known_fields(self, list)
  local parts = {}
  if assigned ~= "" then parts[1] = "assigned: " .. assigned end
  if known ~= "" then parts[#parts + 1] = "known: " .. known end
  return parts[1] and (" (%s)"):format(table.concat(parts, "; ")) or ""
end

--- The name of a record: `voice_routes CRID-1`.
function rendering.name(self)
  local collection, key = record.owner(self), record.key(self)
  local name = collection.place and url.address(collection.place, key) or collection.name
  if collection.place or not collection.resource.key then return name end
  return name .. " " .. text.of(key or "(new)")
end

--- One line, such as `voice_routes CRID-1 (assigned: TrunkIp1 = "20.87.87.87"; known: RouteName = "Main")`; a
-- part of a record is shown as JSON.
function rendering.line(self)
  local ok, shown
  if record.owner(self) then
    ok, shown = pcall(contents, self)
  else
    ok, shown = pcall(function() return rendering.value(values.of(self, "mask")) end)
  end
  if not ok then
    local problem = diff.problem(self)
    if not problem then error(shown, 0) end
    shown = (" (cannot be sent: %s)"):format(problem)
    if not record.owner(self) then return shown:sub(2) end
  end
  return record.owner(self) and rendering.name(self) .. shown or shown
end

--- The known fields of a record for a table: a list of { name, value, "assigned" or "" }, and the number of
-- those left out; or nil and the problem with a table that a script has changed in place.
function rendering.rows(self)
  local ok, known = pcall(values.of, self, "mask")
  if not ok then return nil, diff.problem(self) or error(known, 0) end
  local rows, assigned, names = {}, record.plain(self, false), rendering.names(self)
  for i = 1, math.min(#names, MOST_LINES) do
    rows[i] = { names[i], rendering.value(known[names[i]]), assigned[names[i]] ~= nil and "assigned" or "" }
  end
  return rows, #names - #rows
end

-- Lines for the fields of a list, at most MOST_LINES of them. `line(entry)`: the text behind the field's
-- name.
local function lines_of(list, line)
  local width, lines = 0, {}
  for i = 1, math.min(#list, MOST_LINES) do width = math.max(width, #list[i].field) end
  for i = 1, math.min(#list, MOST_LINES) do
    lines[i] = list[i].field .. (" "):rep(width - #list[i].field) .. "  " .. line(list[i])
  end
  if #list > MOST_LINES then lines[#lines + 1] = ("… and %d more"):format(#list - MOST_LINES) end
  return table.concat(lines, "\n")
end

local UNKNOWN = { masked = "(shown masked)", empty = "(shown as empty)" }

local function change_line(change)
  if change.reset then return "is reset" end
  if change.resent then return rendering.value(change.to) .. " (sent along)" end
  local from = change.from == nil and (UNKNOWN[change.unknown] or "(not known)")
    or rendering.value(change.from)
  if change.changed == false then return rendering.value(change.to) .. " (unchanged)" end
  return from .. " -> " .. rendering.value(change.to)
end

--- The text of a list of differences, as diff() returns it.
function rendering.diff_text(list)
  if list[1] == nil then return "no changes" end
  return lines_of(list, change_line)
end

local function print_diff(list) return rendering.diff_text(list) end

local Diff = { __tostring = print_diff, __jsontype = "array", __name = "patchbay.diff" }

--- Makes a list of differences one that prints. `reset`: its member of this name, or nil.
function rendering.diff(list, reset)
  if not reset then return setmetatable(list, Diff) end
  return setmetatable(list, { __index = { reset = reset }, __tostring = print_diff, __jsontype = "array",
    __name = Diff.__name })
end

--- A difference in words: `TrunkIp1 is "1.1.1.1", not "2.2.2.2"`. `entry`: { field =, sent =, read = }.
function rendering.difference(entry)
  local read, sent = rendering.value(entry.read), rendering.value(entry.sent)
  -- They differ in a part that is masked in both.
  if read == sent and read:find(redact.mask, 1, true) then return entry.field .. " is another one" end
  return ("%s is %s, not %s"):format(entry.field, read, sent)
end

-- Names in one line, at most MOST_LINES of them.
local function named(list)
  if #list <= MOST_LINES then return table.concat(list, ", ") end
  return ("%s and %d more"):format(table.concat(list, ", ", 1, MOST_LINES), #list - MOST_LINES)
end

--- The text of the result of a comparison.
function rendering.comparison_text(result)
  local lines = {}
  if result.confirmed[1] then lines[1] = "confirmed: " .. named(result.confirmed) end
  for i, entry in ipairs(result.differs) do
    if i > MOST_LINES then
      lines[#lines + 1] = ("differs: %d more"):format(#result.differs - MOST_LINES)
      break
    end
    lines[#lines + 1] = "differs: " .. rendering.difference(entry)
  end
  if result.unverifiable[1] then
    lines[#lines + 1] = "unverifiable, as it is not shown: " .. named(result.unverifiable)
  end
  return lines[1] and table.concat(lines, "\n") or "nothing was sent that could be compared"
end

local Comparison = { __name = "patchbay.comparison" }
function Comparison.__tostring(result) return rendering.comparison_text(result) end

--- Makes the result of a comparison (see readback.lua) one that prints.
function rendering.comparison(result) return setmetatable(result, Comparison) end

return rendering
