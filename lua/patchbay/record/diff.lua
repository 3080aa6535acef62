--- Compares what is assigned with the known state, for diff() and tostring().

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"

local diff = {}

-- Masks a secret. That it is null or unknown may be shown.
local function masked(value)
  if value == nil or value == core.json.null then return value end
  return redact.mask
end

--- A deep copy of a plain value, with the members named in `secrets` masked, and user names and passwords in
-- addresses.
function diff.copy(value, secrets)
  if type(value) == "string" then return core.text.hide_userinfo(value) end
  if type(value) ~= "table" then return value end
  local new = {}
  for key, member in pairs(value) do
    new[key] = secrets[key] and masked(member) or diff.copy(member, secrets)
  end
  return setmetatable(new, getmetatable(value))
end

local function add(list, node, state, path, secrets)
  local entries, extra = core.record.entries(node)
  for _, entry in ipairs(entries) do
    local field, from = path .. entry.name, nil
    if type(state) == "table" then from = state[entry.name] end
    if entry.node then
      add(list, entry.node, from, field .. ".", secrets)
    elseif entry.secret then
      list[#list + 1] = { field = field, from = masked(from), to = masked(entry.value) }
    else
      list[#list + 1] = { field = field, from = diff.copy(from, secrets), to = diff.copy(entry.value,
        secrets) }
    end
  end
  for _, name in ipairs(check.names(extra or {})) do
    local from = nil
    if type(state) == "table" then from = state[name] end
    list[#list + 1] = { field = path .. name, from = diff.copy(from, secrets), to = diff.copy(extra[name],
      secrets) }
  end
end

-- Adds the fields that go along with every update to a list that is not empty, at their places: { field =,
-- from =, to =, resent = true }, or with `unknown` where nothing is known. `unsure`: see core.record.reading.
local function add_resent(list, resource, known, unsure)
  local new, at = {}, 1
  for _, name in ipairs(resource.field_names) do
    local assigned = false
    while list[at] and list[at].field:match "^[^.]*" == name do
      new[#new + 1], at, assigned = list[at], at + 1, true
    end
    if resource.resent[name] and not assigned then
      local value, doubts = known[name], unsure[name]
      if resource.secrets[name] then value = masked(value) end
      new[#new + 1] = { field = name, from = value, to = value, resent = true,
        unknown = value == nil and (doubts and doubts[1].why or "not read") or nil }
    end
  end
  for i = at, #list do new[#new + 1] = list[i] end
  return new
end

--- A list of { field =, from =, to = } in the order in which an update would send them, secrets masked.
-- `from` is nil where nothing is known; where a response shows something all the same, `unknown` says why
-- that is not the value: "masked", "empty". `whole`: also with what goes along with every update.
function diff.list(record, whole)
  local list, owner, state = {}, core.record.owner(record), core.record.state(record)
  -- The known values, in the form in which a script reads them.
  local known = setmetatable({}, { __index = function(_, name)
    local value = state and state[name]
    if value == nil then return nil end
    return core.record.documented(owner.resource.schema, name, diff.copy(value, {}))
  end })
  add(list, record, known, "", owner.context.secret_names)
  local meta = core.record.meta(record)
  for _, change in ipairs(list) do
    for _, path in ipairs(meta and meta.unsure[change.field:match "^[^.]*"] or {}) do
      if change.from == nil and table.concat(path, ".") == change.field then change.unknown = path.why end
    end
  end
  if not (whole and list[1] and owner.resource.resent) then return list end
  return add_resent(list, owner.resource, known, meta and meta.unsure or {})
end

--- The problem with a table of the record that a script has changed in place, or nil.
function diff.problem(record)
  local _, problem, message = core.record.payload(record, false, false, true)
  return problem == "invalid" and message or nil
end

-- Assignments named in one line, and bytes of each value.
local NAMED, LONGEST_VALUE = 5, 200

--- A value as a message shows it.
function diff.text(value)
  if value == core.json.null then return "null" end
  if type(value) == "string" then
    return text.quote(text.shorten(value, LONGEST_VALUE))
  end
  if type(value) == "table" then
    -- A list that was changed in place may hold anything; the update reports its problem.
    local ok, json = pcall(core.json.encode, value)
    return ok and text.shorten(json, LONGEST_VALUE) or "(cannot be written as JSON)"
  end
  return text.of(value)
end

--- The assignments in one line, such as `TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false`; "" for none.
function diff.summary(record)
  local list, parts = diff.list(record), {}
  for i, change in ipairs(list) do
    if i > NAMED then
      parts[i] = ("%d more"):format(#list - NAMED)
      break
    end
    parts[i] = change.field .. " = " .. diff.text(change.to)
  end
  return table.concat(parts, ", ")
end

return diff
