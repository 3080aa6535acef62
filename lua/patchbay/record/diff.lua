--- Compares what is assigned with the known state, for diff() and tostring().

local core = require "patchbay.core"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"

local diff = {}

-- Masks a secret. That it is null or unknown may be shown.
local function masked(value)
  if value == nil or value == core.json.null then return value end
  return redact.mask
end

-- A deep copy of a plain value, with the members named in `secrets` masked.
local function copy(value, secrets)
  if type(value) ~= "table" then return value end
  local new = {}
  for key, member in pairs(value) do
    new[key] = secrets[key] and masked(member) or copy(member, secrets)
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
      list[#list + 1] = { field = field, from = copy(from, secrets), to = copy(entry.value, secrets) }
    end
  end
  local names = {}
  for name in pairs(extra or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local from = nil
    if type(state) == "table" then from = state[name] end
    list[#list + 1] = { field = path .. name, from = copy(from, secrets), to = copy(extra[name], secrets) }
  end
end

--- A list of { field =, from =, to = } in the order in which an update would send them, secrets masked.
-- `from` is nil where nothing is known.
function diff.list(record)
  local list = {}
  add(list, record, core.record.state(record), "", core.record.owner(record).context.secret_names)
  return list
end

--- The problem with a table of the record that a script has changed in place, or nil.
function diff.problem(record)
  local _, problem, message = core.record.payload(record, false, false, true)
  return problem == "invalid" and message or nil
end

-- Assignments named in one line, and bytes of each value.
local NAMED, LONGEST_VALUE = 5, 200

local function shown(value)
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
    parts[i] = change.field .. " = " .. shown(change.to)
  end
  return table.concat(parts, ", ")
end

return diff
