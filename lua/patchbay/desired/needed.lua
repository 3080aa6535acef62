--- What of a reading a plan needs: the fields that are desired, and those that go along with a change of
-- them.

local needed = {}

-- collection's resource -> the set of fields that no read shows
local hidden = setmetatable({}, { __mode = "k" })

local function hidden_of(resource)
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

-- Adds to `missing` what is desired at `path` and below and not among what is shown, and to `shows` what is.
local function compare(wanted, shown, path, shows, missing)
  for name, value in next, wanted do
    local found, at = shown[name], path and path .. "." .. name or name
    if found == nil then
      missing[#missing + 1] = at
    else
      shows[at] = true
      if type(value) == "table" and value[1] == nil and type(found) == "table" then
        compare(value, found, at, shows, missing)
      end
    end
  end
end

--- The paths of what is desired of a record and not shown by an entry of a listing, though a read may show
-- it: a list. What is shown is added to the set `shows`.
function needed.missing(record, reading, shows)
  local never, unsure, missing, left = hidden_of(record.collection.resource), reading.unsure, {}, {}
  compare(record.fields, reading.fields, nil, shows, missing)
  for name in next, record.held and record.held.fields or record.refs or {} do
    name = name:match "^[^.%[]*"
    if reading.fields[name] == nil then missing[#missing + 1] = name else shows[name] = true end
  end
  for _, path in ipairs(missing) do
    local name = path:match "^[^.]*"
    if not never[name] and not (unsure and unsure[name]) then left[#left + 1] = path end
  end
  return left
end

--- The reading without the fields that nobody needs: a plan of 100,000 records would hold them all. A full
-- update needs all of them.
function needed.slim(record, reading)
  if record.entry.changes_by == "replace" then return reading end
  local shown, unsure, resource = reading.fields, reading.unsure, record.collection.resource
  local fields, doubts = {}, nil
  local function keep(name)
    fields[name] = shown[name]
    if unsure and unsure[name] then
      doubts = doubts or {}
      doubts[name] = unsure[name]
    end
  end
  for name in next, record.fields do keep(name) end
  for name in next, record.held and record.held.fields or record.refs or {} do keep(name:match "^[^.%[]*") end
  for name in next, resource.resent or {} do keep(name) end
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
