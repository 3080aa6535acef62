--- Records that the vendor has yet to make: finds out under which key one exists already. The state remembers
-- the key; without it, a record that agrees in the fields by which people know it (`identity` of the
-- description) is adopted.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local creates = {}

local null = core.json.null

--- The values of the identity that a declared record wants, by field; nil where the description has none, or
-- the record does not say all of it.
function creates.identity(record)
  local names, wanted = record.collection.resource.description.identity, {}
  if not names or not names[1] then return nil end
  for _, name in ipairs(names) do
    local value = record.fields[name]
    if value == nil or value == null then return nil end
    wanted[name] = value
  end
  return wanted
end

--- Whether the `fields` that a response shows agree with the values of an identity.
function creates.agrees(resource, identity, fields)
  for name, value in pairs(identity) do
    local shown = fields[name]
    if shown == nil or not core.record.same(resource.schema, name, value, shown) then return false end
  end
  return true
end

-- "RouteName" or "RouteName and RouteType"
local function identity_text(record)
  return table.concat(record.collection.resource.description.identity, " and ")
end

local function keys_text(matches)
  local keys = {}
  for i, match in ipairs(matches) do keys[i] = text.of(match.key) end
  table.sort(keys)
  return table.concat(keys, ", ")
end

-- Takes the one record that agrees with a new one: its key and its known state.
local function adopt(context, record, match)
  local earlier = context.claimed[match]
  if earlier then
    context.fault(record, "%s has the same %s, and so has what is declared as %s; give one of the two the "
      .. "vendor's key", text.of(match.key), identity_text(record), earlier.address)
    return nil, false
  end
  context.claimed[match] = record
  context.note("%s: %s has the same %s, and is taken for it; nothing is created", record.address,
    text.of(match.key), identity_text(record))
  return match.key, { exists = true, reading = match.reading, shows = match.shows, adopted = true }
end

--- The key of a new record that exists already, and its known state; nil and a known state where it does not
-- exist; nil and false where that cannot be told, which is a fault. `context`: `state`, `known`,
-- `claimed` (a table for this plan), `fault(record, message, …)`, `note(message, …)`.
function creates.key_of(context, record)
  local entry = context.known[record] or { exists = false }
  local key, begun = context.state:key_of(record.entry.full, record.name)
  if key ~= nil then
    if entry.exists then return key, entry end
    context.note("%s: it was created as %s, which does not exist any more", record.address, text.of(key))
  end
  local matches = entry.matches
  if matches and #matches > 1 then
    context.fault(record, "%d records have the same %s (%s); write the vendor's key of the one that is meant "
      .. "in place of new %q", #matches, identity_text(record), keys_text(matches), record.name)
    return nil, false
  elseif matches and matches[1] then
    return adopt(context, record, matches[1])
  elseif begun and not matches then
    context.fault(record, "creating it was begun, how that ended is not known, and the vendor's records "
      .. "cannot be searched for it; if it is there, write its key in place of new %q; if it is not, delete "
      .. "the line of the state that begins with {\"creating\":", record.name)
    return nil, false
  end
  return nil, entry
end

return creates
