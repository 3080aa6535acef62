--- Parts of a record that a change would send and that are not known well enough: error values of kind
-- "incomplete".

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local errors = require "patchbay.errors"

local record, json = core.record, core.json

local incomplete = {}

--- The error value for the fields `missing` (a list) of a record. `message` follows the name of the call.
function incomplete.new(self, collection, plan, missing, message)
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = missing, field = missing[1],
    message = collection:subject_of(plan, self) .. ": " .. message,
  }
end

--- The error value for `field`, which is changed in part; `why`: nil where its other members are not known.
function incomplete.in_part(self, collection, plan, field, why)
  local top = field:match "^[^.%[]*"
  local ways = { why and ("assign %s as a whole"):format(top) or "assign it as a whole" }
  if why and top ~= field then table.insert(ways, 1, "assign that") end
  local readable, unreadable = collection:plan "get"
  if readable and not why then table.insert(ways, 1, "call fetch() first") end
  if not readable then
    ways[#ways + 1] = 'pass { nested = "leaves" } where the vendor keeps what is not sent'
    if unreadable.option then ways[#ways + 1] = "make the client with " .. unreadable.option
      .. " to read it" end
  end
  return incomplete.new(self, collection, plan, { field }, ("%s is changed in part, and %s; %s"):format(
    why and top or field, why or "what else is in it is not known", table.concat(ways, ", or ")))
end

--- The path of an object that is changed in part though the known state of the one around it does not have
-- it: a list may show less than there is, so that its other members are not known either.
function incomplete.below(node, state, path)
  for _, entry in ipairs((record.entries(node))) do
    if entry.node then
      local known, below = state[entry.name], path and path .. "." .. entry.name or entry.name
      if known == nil then return below end
      local found = type(known) == "table" and incomplete.below(entry.node, known, below)
      if found then return found end
    end
  end
end

-- Whether the value at a path (see core.record.reading) is sent back as the vendor has shown it. `full`: by
-- a full update; `resent`: the set of the fields that go along with an update, or nil.
local function is_sent_back(node, path, full, resent)
  for i = 1, #path do
    local entries, extra, partly = record.entries(node)
    local found
    for _, entry in ipairs(entries) do
      if entry.name == path[i] then found = entry end
    end
    if not found then
      -- Of the record itself only assigned fields are sent; of an object in it all known ones.
      if extra[path[i]] ~= nil then return partly and partly[path[i]] or false end
      return full or i > 1 or resent ~= nil and resent[path[1]] == true
    elseif not found.node then
      return found.partly or false
    end
    node = found.node
  end
  return false
end

local WHY = {
  masked = "%s, which the vendor shows masked, would be lost",
  empty = "%s, which the vendor shows as empty whatever is in it, would be lost",
  inexact = "%s, which came with half of a surrogate pair in it, would not be sent back as it is",
  other = "%s, which the vendor shows in another form, would not be sent back as it is",
  unreliable = "%s, which the vendor does not show reliably, would not be sent back as it is",
}

-- A path as it is written: "a.b[2].c".
local function text_of_path(path)
  local parts = { path[1] }
  for i = 2, #path do
    parts[i] = type(path[i]) == "number" and ("[%d]"):format(path[i]) or "." .. path[i]
  end
  return table.concat(parts)
end

--- The part of the record that is not known well enough to be sent back: a path ("a.b") and why; nil: none.
-- `full`: by a full update. `reset`: fields that the vendor does not show may be reset. `resent`: see
-- is_sent_back.
function incomplete.unsure(self, full, reset, resent)
  local meta = record.meta(self)
  if not meta then return nil end
  for _, name in ipairs(check.names(meta.unsure)) do
    for _, path in ipairs(meta.unsure[name]) do
      -- An item of a list cannot be left out: it would be sent as it is shown.
      local hidden = (path.why == "masked" or path.why == "empty") and type(path[#path]) ~= "number"
      if not (reset and hidden) and is_sent_back(self, path, full, resent) then
        local field = text_of_path(path)
        return field, WHY[path.why]:format(field)
      end
    end
  end
end

-- Whether a known value of a field may go along with a change.
local function can_be_sent(resource, name, known)
  if known == json.null then return resource.nullable[name] and not resource.is_form or false end
  return not (resource.is_form and type(known) == "table" and known[1] == nil)
end

--- The error value for fields of `names`, which the vendor needs with every change, that are neither assigned
-- nor known; nil: there are none.
function incomplete.lacking(self, collection, plan, names)
  local assigned, state, missing = record.plain(self, false), record.state(self) or {}, {}
  for _, name in ipairs(names) do
    local known = state[name]
    if not can_be_sent(collection.resource, name, known) then known = nil end
    if assigned[name] == nil and known == nil and name ~= collection.resource.key then
      missing[#missing + 1] = name
    end
  end
  if missing[1] then
    local they, them = "it is", "it"
    if missing[2] then they, them = "they are", "them" end
    return incomplete.new(self, collection, plan, missing,
      ("the vendor needs %s with every such change, and %s neither assigned nor known; %s %s"):format(
        table.concat(missing, ", "), they,
        collection:plan "get" and "call fetch() first, or assign" or "assign", them))
  end
  local field, why = incomplete.unsure(self, false, false, collection.resource.resent)
  if field then
    return incomplete.new(self, collection, plan, { field },
      ("the vendor needs %s with every such change, and %s; assign it"):format(field:match "^[^.%[]*", why))
  end
end

return incomplete
