--- Writes the failures of a report as CSV that patchbay.csv reads as items again.

local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local whole_file = require "patchbay.bulk.whole_file"
local wording = require "patchbay.bulk.wording"

local failures_csv = {}

local ERROR_COLUMNS = { "error_kind", "error_outcome", "error_message" }
local is_error_column = { error_kind = true, error_outcome = true, error_message = true }

-- A value as one field; nil when it cannot be written.
local function field(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then return value end
  local ok, text = pcall(core.json.encode, value)
  return ok and text or nil
end

-- An item by column, the number of its values that cannot be written, and the order of its columns, if any.
-- A record is written as its key: its other fields are the vendor's, and some are secret.
local function columns_of(item)
  if type(item) ~= "table" then
    local text = field(item)
    return { item = text }, text == nil and item ~= nil and 1 or 0
  end
  if core.record.is(item) then
    local collection = core.record.owner(item)
    if not collection then return {}, 1 end
    local columns = {}
    for name, value in pairs(collection.within or {}) do columns[name] = field(value) end
    if collection.resource.key then columns[collection.resource.key] = field(core.record.key(item)) end
    return columns, 0
  end
  local columns, left_out = {}, 0
  for name, value in next, item do
    local column = (type(name) == "string" or type(name) == "number") and tostring(name) or ""
    local text = field(value)
    if column == "" or text == nil then
      left_out = left_out + 1
    elseif not is_error_column[column] then
      columns[column] = text
    end
  end
  return columns, left_out, csv.columns(item)
end

-- The names of all columns: those of CSV rows in the order of their file, then the others.
local function column_names(failures)
  local names, others, seen = {}, {}, {}
  local function add(list, name)
    if seen[name] or is_error_column[name] then return end
    list[#list + 1], seen[name] = name, true
  end
  for _, failure in ipairs(failures) do
    local _, _, order = columns_of(failure.item)
    for _, name in ipairs(order or {}) do add(names, name) end
  end
  for _, failure in ipairs(failures) do
    for name in pairs((columns_of(failure.item))) do add(others, name) end
  end
  table.sort(others)
  for _, name in ipairs(others) do names[#names + 1] = name end
  return names
end

-- Writes the failures to an open file, or to an object with its method write. Returns the number of values
-- left out, or nil and the reason.
local function write(report, handle, message_of)
  local names, left_out = column_names(report.failures), 0
  local count = #names
  for i, name in ipairs(ERROR_COLUMNS) do names[count + i] = name end
  local ok, problem = handle:write(csv.line(names), "\n")
  for _, failure in ipairs(report.failures) do
    if not ok then break end
    local err, values = failure.err, { n = count + #ERROR_COLUMNS }
    local columns, unwritten = columns_of(failure.item)
    left_out = left_out + unwritten
    for i = 1, count do values[i] = columns[names[i]] end
    if type(err) == "table" then
      values[count + 1], values[count + 2] = field(err.kind), field(err.outcome)
    end
    values[count + 3] = message_of(err)
    ok, problem = handle:write(csv.line(values), "\n")
  end
  if not ok then return nil, problem end
  return left_out
end

-- Writes the failures to an open file, or to a device: the same.
local function write_open(report, handle, message_of, method)
  local passed, left_out, problem, ok, late = core.system.saving(function()
    local count, why = write(report, handle, message_of)
    return count, why, handle[method](handle)
  end)
  if passed then return nil, "it would pass the limit on the size of files (ulimit -f)" end
  if left_out and ok then return left_out end
  return nil, tostring(problem or late)
end

-- Writes them to a path: the same. The items may hold secrets, so a new file is for this user alone.
local function write_path(report, path, message_of)
  if path:find "^/dev/" then -- devices such as /dev/stdout are written to, not replaced
    local handle, problem = io.open(path, "wb")
    if not handle then return nil, (problem:gsub("^.*: ", "")) end
    return write_open(report, handle, message_of, "close")
  end
  local left_out
  local ok, problem = whole_file.write(path, function(take)
    left_out = write(report, { write = function(_, ...) return take(table.concat { ... }) end }, message_of)
  end)
  if ok then return left_out end
  return nil, problem
end

--- See report:save(). `message_of(err)`: the text of an error.
function failures_csv.save(report, file, message_of)
  local left_out, problem
  if type(file) == "string" then
    left_out, problem = write_path(report, file, message_of)
    problem = problem and file .. ": " .. problem
  else
    left_out, problem = write_open(report, file, message_of, "flush")
  end
  if not left_out then return nil, "failures not saved: " .. problem end
  local missing = {}
  if report.failures_dropped > 0 then
    missing[1] = wording.some(report.failures_dropped, "failure was", "failures were") .. " not kept"
  end
  if left_out > 0 then
    missing[#missing + 1] = wording.some(left_out, "value", "values")
      .. " left out, being no text, number or JSON"
  end
  if missing[1] then return true, table.concat(missing, "; ") end
  return true
end

return failures_csv
