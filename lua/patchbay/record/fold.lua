--- The state of a record after a change or a read: the former state, the sent values, and the reading of the
-- response, put together.

local copy = require "patchbay.util.copy"
local readings = require "patchbay.record.reading"

-- The value at the path of an unsure value (see core.record.reading), below the first name of it.
local function at_path(value, path)
  for i = 2, #path do
    if type(value) ~= "table" then return nil end
    value = value[path[i]]
  end
  return value
end

-- Sets in the object `shown` the members of `sent` that it does not show, and so in the objects within it.
local function fill(shown, sent)
  for name, value in pairs(sent) do
    if shown[name] == nil then
      shown[name] = value
    elseif type(value) == "table" and type(shown[name]) == "table" and #value == 0 and #shown[name] == 0 then
      fill(shown[name], value)
    end
  end
end

-- Whether nothing of a field can be relied on.
local function is_doubtful(unsure)
  for _, path in ipairs(unsure or {}) do
    if #path == 1 and path.why ~= "masked" and path.why ~= "empty" then return true end
  end
  return false
end

-- Takes the reading's value of a field into `new`. `ours`: values that we sent and no response has shown.
local function take(new, ours, unsure, name, reading)
  local value, sent = reading.fields[name], ours[name]
  local doubts = reading.unsure and reading.unsure[name]
  -- The sent value is more reliable than an unreliable echo of it.
  if sent ~= nil and (value == nil or is_doubtful(doubts)) then
    new[name] = sent
    return
  end
  if value == nil then -- masked, or shown as empty whatever it is
    if reading.whole then new[name] = nil end
    unsure[name] = new[name] == nil and doubts or nil
    return
  end
  new[name], unsure[name] = value, doubts
  if type(sent) == "table" and type(value) == "table" and #sent == 0 and #value == 0 then
    fill(value, sent)
    local left = {}
    for _, path in ipairs(doubts or {}) do
      if not ((path.why == "masked" or path.why == "empty") and at_path(value, path) ~= nil) then
        left[#left + 1] = path
      end
    end
    unsure[name] = left[1] and left
  else
    ours[name] = nil
  end
end

--- The fold of a record type (see core.record.type): the new state of a record out of the former one, the
-- `sent` values, and `answer` (see reading.of); each of them nil where there is none. `read`: whether it is
-- that of a read. `meta`: the former second result, or nil. Returns the state; and a table of `ours` (by
-- field the values that were sent and not shown since), `unsure` (as in a reading) and `read` (whether the
-- record was ever read by itself, so that fields which are not shown are empty), or nil where there is none
-- of them.
return function(resource, state, sent, answer, read, meta)
  local ours = meta and copy(meta.ours) or {}
  local unsure = meta and copy(meta.unsure) or {}
  local new = state and copy(state) or {}
  if read then
    -- A read shows all there is, but for fields that the vendor never shows, and values of ours that it
    -- keeps to itself.
    new, unsure = {}, {}
    for name in pairs(state and resource.silent or {}) do new[name] = state[name] end
    for name, value in pairs(ours) do new[name] = value end
  end
  for name, value in pairs(sent or {}) do new[name], ours[name], unsure[name] = value, value, nil end
  if answer then
    local reading = readings.of(resource, answer)
    reading = { fields = reading.fields, unsure = reading.unsure, whole = read }
    for name in pairs(reading.fields) do take(new, ours, unsure, name, reading) end
    for name in pairs(reading.unsure or {}) do
      if reading.fields[name] == nil then take(new, ours, unsure, name, reading) end
    end
  end
  read = read or meta and meta.read
  if not read and next(ours) == nil and next(unsure) == nil then return new, nil end
  return new, { ours = ours, unsure = unsure, read = read }
end
