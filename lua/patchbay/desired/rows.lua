--- Records of a desired state that stand in rows: of a CSV file, or in a list of tables that have their keys
-- in them.
--
--   ["acme.numbers"] = patchbay.csv "numbers.csv"                  -- columns named as the fields
--   ["acme.numbers"] = { rows = patchbay.csv "moves.csv", key = "number",
--                            fields = { VoiceRouteId = "route" } }     -- these columns alone
--   ["acme.numbers"] = { { Number = "+18018018011", VoiceRouteId = "CRID-…" } }

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local csv = require "patchbay.bulk.csv"
local reference = require "patchbay.desired.reference"
local typed = require "patchbay.desired.typed"

local rows = {}

local ARRAY = getmetatable(core.json.array {})

-- The members of the long form.
local FORM = { rows = true, key = true, fields = true }

local function is_list(value, key)
  if type(value) ~= "table" then return false end
  local first = rawget(value, 1)
  if type(first) ~= "table" then return getmetatable(value) == ARRAY end
  return getmetatable(value) == ARRAY or csv.columns(first) ~= nil or rawget(first, key) ~= nil
end

-- Whether a value is the long form.
local function is_form(value)
  if type(value) ~= "table" then return false end
  local given = rawget(value, "rows")
  if type(given) ~= "function" and not (type(given) == "table" and (rawget(given, 1) ~= nil
    or getmetatable(given) == ARRAY)) then
    return false
  end
  for name in next, value do
    if not FORM[name] then return false end
  end
  return true
end

--- Whether a collection's value in a desired state is rows instead of records by key.
function rows.are(value, resource)
  return type(value) == "function" or is_form(value) or is_list(value, resource.key)
end

-- The iterator over a source of rows.
local function iterator(source)
  if type(source) == "function" then return source end
  local i = 0
  return function()
    i = i + 1
    return rawget(source, i)
  end
end

local COLUMN_REMEDY = 'Take it out, or name the columns to take: { rows = …, fields = { Field = "column" } }'

-- The columns of a CSV file that are taken: list of { column, field's name, field }. Reports the others once.
local function columns_of(row, entry, form, key, rules, add)
  local chosen, taken = form.fields, {}
  local by_column = {}
  for field, column in pairs(chosen or {}) do by_column[column] = field end
  for _, column in ipairs(csv.columns(row)) do
    local name = by_column[column] or not chosen and column or nil
    local field = name and rules.fields[name]
    if column ~= key and name then
      local problem = field and reference.problem(rules, field)
      if not field and not rules.lenient then
        problem = "no such field" .. check.suggestion(name, entry.collection.resource.field_names)
      end
      if problem then
        add(("%s, column %q"):format(entry.full, column),
          problem .. (problem:sub(-1) == "?" and " " or ". ") .. COLUMN_REMEDY)
      else
        taken[#taken + 1] = { column, name, field }
      end
    end
  end
  return taken
end

-- The fields of a row: of a CSV file its cells, read by the fields' types. An empty cell says nothing.
local function fields_of_cells(row, columns)
  local fields = {}
  for _, taken in ipairs(columns) do
    local cell = rawget(row, taken[1])
    if cell ~= nil and cell ~= "" then
      local is_text = type(cell) == "string" and taken[3]
      if is_text then cell = typed.from_text(taken[3], cell) end
      fields[taken[2]] = cell
    end
  end
  return fields
end

local function form_problem(form, resource)
  if form.key ~= nil and type(form.key) ~= "string" then
    return "key: expected the name of a column, got " .. check.got(form.key)
  end
  if form.fields == nil then return nil end
  if type(form.fields) ~= "table" then
    return "fields: expected a table such as { " .. resource.field_names[1] .. " = \"column\" }, got "
      .. check.got(form.fields)
  end
  return check.first(form.fields, function(name, column)
    if type(name) ~= "string" or type(column) ~= "string" then
      return "fields: expected names of columns by field, got " .. check.got(column)
    end
  end)
end

-- The problem of a CSV file without a column for the key, or nil.
local function no_key_column(row, key)
  local names = csv.columns(row)
  for _, name in ipairs(names) do
    if name == key then return nil end
  end
  return ("no column %q for the key%s. Say which it is: { rows = …, key = \"column\" }"):format(key,
    check.suggestion(key, names))
end

-- The fields of a row that is a table of a script.
local function fields_of_table(row, form, key)
  local fields = {}
  if form.fields then
    for name, column in pairs(form.fields) do fields[name] = rawget(row, column) end
    return fields
  end
  for name, value in next, row do
    if name ~= key then fields[name] = value end
  end
  return fields
end

--- Reads rows: calls `take(key, fields, line)` for each. `add(path, message, line)` gets the faults.
function rows.read(value, entry, rules, take, add)
  local resource = entry.collection.resource
  local form = is_form(value) and value or { rows = value }
  local problem = form_problem(form, resource)
  if problem then return add(entry.full, problem) end
  local key = form.key or resource.key
  local next_row, columns, position = iterator(form.rows), nil, 0
  while true do
    local ok, row, line = pcall(next_row)
    if not ok then
      local shown, message = pcall(tostring, row)
      return add(entry.full, shown and message or "the rows raised an error that cannot be shown")
    end
    if row == nil then return end
    position = position + 1
    local where = line and ("%s, line %d"):format(entry.full, line) or ("%s[%d]"):format(entry.full, position)
    if type(row) ~= "table" then
      add(where, "expected a row, such as { " .. key .. " = … }, got " .. check.got(row), line)
    else
      local is_csv = csv.columns(row) ~= nil
      if is_csv and not columns then
        problem = no_key_column(row, key)
        if problem then return add(entry.full, problem) end
        columns = columns_of(row, entry, form, key, rules, add)
      end
      local own = rawget(row, key)
      if own == nil or own == "" then
        add(where, ("no key: %s is empty"):format(key), line)
      else
        take(own, is_csv and fields_of_cells(row, columns) or fields_of_table(row, form, key), line)
      end
    end
  end
end

return rows
