--- Descriptions as plain text, for a terminal.

local check = require "patchbay.util.check"
local wording = require "patchbay.describe.wording"

local text = {}

-- Appends rows (lists of strings) as columns, indented by two spaces.
local function columns(lines, rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      cells[i] = i < #row and cell .. (" "):rep(widths[i] - #cell) or cell
    end
    lines[#lines + 1] = ("  " .. table.concat(cells, "  ")):gsub("%s+$", "")
  end
end

local function section(lines, title, list)
  if not list or not list[1] then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = title
  for _, sentence in ipairs(list) do lines[#lines + 1] = "  - " .. sentence end
end

local function field_rows(fields, resource)
  local rows = {}
  for i, entry in ipairs(wording.flat(fields)) do
    local own = resource and not entry.path:find("[.%[]") and resource or nil
    rows[i] = { entry.path, wording.type(entry.field), wording.text(entry.field, own) }
  end
  return rows
end

local function heading(name, description) return description and name .. ": " .. description or name end

--- A vendor: its collections, its own options, its peculiarities.
function text.vendor(api)
  local lines = { heading(api.name, api.source), "", "Collections" }
  local rows = {}
  for i, name in ipairs(check.names(api.resources)) do
    rows[i] = { api.name .. "." .. name, api.resources[name].description or "" }
  end
  columns(lines, rows)
  local found = check.names(api.lookups or {})
  if found[1] then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "Functions"
    rows = {}
    for i, name in ipairs(found) do
      rows[i] = { ("%s:%s()"):format(api.name, name), api.lookups[name].description or "" }
    end
    columns(lines, rows)
  end
  local groups = { { "Credentials", api.credentials }, { "Options of its own", api.options or {} } }
  for _, group in ipairs(groups) do
    if group[2][1] then
      lines[#lines + 1] = ""
      lines[#lines + 1] = group[1]
      columns(lines, field_rows(group[2]))
    end
  end
  section(lines, "Notes", api.notes)
  section(lines, "Not documented", api.silent)
  return table.concat(lines, "\n")
end

--- The values of a record. `name`: the record's; `rows`: see rendering.rows; `more`: the number of rows left
-- out; or nil and the problem.
function text.values(name, rows, more)
  local lines = { "", "Values of " .. name }
  if not rows then
    lines[3] = "  (cannot be sent: " .. more .. ")"
  elseif not rows[1] then
    lines[3] = "  none are known or assigned"
  else
    columns(lines, rows)
    if more > 0 then lines[#lines + 1] = ("  … and %d more"):format(more) end
  end
  return table.concat(lines, "\n")
end

--- A collection: its calls and its fields.
function text.resource(api, name)
  local resource = api.resources[name]
  local lines = { heading(api.name .. "." .. name, resource.description), "", "Calls" }
  local rows = {}
  for i, call in ipairs(wording.calls(resource)) do
    local operation = call.operation
    rows[i] = { call.name, operation.method or "", operation.path or "", operation.refused
      and "refused: " .. operation.refused or operation.undocumented and "undocumented" or "" }
  end
  columns(lines, rows)
  if resource.within then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "Within"
    columns(lines, field_rows(resource.within))
  end
  local list = resource.operations.list
  if list and list.parameters then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "Parameters of list"
    columns(lines, field_rows(list.parameters))
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "Fields"
  columns(lines, field_rows(resource.fields, resource))
  section(lines, "Used by", resource.used_by)
  if resource.identity then
    section(lines, "Known to people by", { table.concat(resource.identity, ", ") })
  end
  section(lines, "Notes", resource.notes)
  section(lines, "Not documented", resource.silent)
  return table.concat(lines, "\n")
end

--- A field and the fields in it. `resource`: the one that it belongs to, or nil.
function text.field(path, field, resource)
  local lines, rows = { heading(path, field.description) }, {}
  local function add(name, value) if value then rows[#rows + 1] = { name, value } end end
  add("type", wording.type(field))
  add("values", wording.values(field))
  add("pattern", field.pattern)
  local marks = wording.marks(field, resource)
  add("marks", marks[1] and table.concat(marks, ", "))
  add("remedy", field.remedy)
  for _, remark in ipairs(wording.remarks(field)) do add("note", remark) end
  columns(lines, rows)
  local inner = wording.inner(field)
  if inner then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "Fields in it"
    columns(lines, field_rows(inner))
  end
  return table.concat(lines, "\n")
end

return text
