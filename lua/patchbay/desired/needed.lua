--- The part of a reading that a plan needs: the fields that are desired, and those that go along with a
-- change of them.

local needed = {}

local NONE = {}

-- collection's resource -> the set of fields that no read shows
local hidden = setmetatable({}, { __mode = "k" })

--- The set of fields of a resource that no read shows.
function needed.hidden(resource)
  local set = hidden[resource]
  if not set then
    set = {}
    for name in pairs(resource.silent) do set[name] = true end
    for _, field in ipairs(resource.description.fields) do
      if field.writeOnly then set[field[1]] = true end
    end
    hidden[resource] = set
  end
  return set
end

-- The set of the record's fields that refer to records without a key; nil: none.
local function referring(record)
  local held = rawget(record, "held")
  return held and held.fields
end

-- Adds to `missing` the paths of the desired values at `path` and below that are not shown, and to `shows`
-- those of the others.
local function compare(wanted, shown, path, shows, missing)
  for name, value in next, wanted do
    local found, at = shown[name], path and path .. "." .. name or name
    if found == nil then
      missing = missing or {}
      missing[#missing + 1] = at
    else
      shows[at] = true
      if type(value) == "table" and value[1] == nil and type(found) == "table" then
        missing = compare(value, found, at, shows, missing)
      end
    end
  end
  return missing
end

--- A list of the paths of a record's desired values that an entry of a listing does not show, though a read
-- may. The others are added to the set `shows`.
function needed.missing(record, reading, shows)
  local missing = compare(record.fields, reading.fields, nil, shows, nil)
  for name in next, referring(record) or NONE do
    if reading.fields[name] == nil then
      missing = missing or {}
      missing[#missing + 1] = name
    else
      shows[name] = true
    end
  end
  if not missing then return NONE end
  local never, unsure, left = needed.hidden(record.collection.resource), reading.unsure, {}
  for _, path in ipairs(missing) do
    local name = path:match "^[^.]*"
    if not never[name] and not (unsure and unsure[name]) then left[#left + 1] = path end
  end
  return left
end

--- The reading without the fields that nobody needs: a plan of 100,000 records would hold them all. A full
-- update needs all of them.
function needed.slim(record, reading)
  local entry, shown, fields = record.entry, reading.fields, {}
  if entry.changes_by == "replace" then return reading end
  for name in next, record.fields do fields[name] = shown[name] end
  local held, resent, doubts = referring(record), entry.collection.resource.resent, nil
  if held then
    for name in next, held do fields[name] = shown[name] end
  end
  if resent then
    for name in next, resent do fields[name] = shown[name] end
  end
  for name, paths in next, reading.unsure or NONE do
    if fields[name] ~= nil or record.fields[name] ~= nil then
      doubts = doubts or {}
      doubts[name] = paths
    end
  end
  reading.fields, reading.unsure = fields, doubts
  return reading
end

--- The query for a listing with pages as large as the description says that they may be; an empty one where
-- it does not say.
function needed.largest_page(collection)
  local operation = collection.resource.description.operations.list
  local size = operation.paging and (operation.paging.size or operation.paging.limit)
  for _, parameter in ipairs(operation.parameters or {}) do
    if parameter[1] == size and parameter.maximum then return { [size] = parameter.maximum } end
  end
  return {}
end

return needed
