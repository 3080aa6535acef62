--- A report as comments of a written description: where each thing comes from, and why something is left out,
-- refused or masked. See write.lua for the paths.

local annotations = {}

-- Operations that are named at the top of a file; the report has all.
local MOST_SKIPPED = 200

local function add(comments, path, sentence)
  comments[path] = comments[path] or {}
  table.insert(comments[path], sentence)
end

-- The path in a description of a field as a report names it: "lines.target.pin".
local function field_path(name)
  local resource, rest = name:match "^([^.]*)%.(.*)$"
  if not resource then return name end
  return ("resources.%s.fields.%s"):format(resource, (rest:gsub("%[%]%.", ".items.properties.")
    :gsub("%.", ".properties."):gsub("%.properties%.items%.properties%.properties%.", ".items.properties.")))
end

--- The comments for a description: path -> list of sentences.
function annotations.comments(report)
  local comments, resources = {}, {}
  for _, entry in ipairs(report.operations) do
    local at = ("resources.%s.operations.%s"):format(entry.resource, entry.kind)
    resources[entry.path] = entry.resource
    if not entry.usable then
      add(comments, at, entry.method .. " " .. entry.path)
    elseif type(entry.partial) == "string" then
      add(comments, at, ("It leaves alone what it does not name: %q"):format(entry.partial))
    end
  end
  for _, list in ipairs { report.derived, report.warnings } do
    for _, entry in ipairs(list) do
      local resource = resources[entry.path] or resources[entry.path:match "^%u+ (.*)$" or ""]
      if resource then add(comments, "resources." .. resource, entry.message) end
    end
  end
  for _, name in ipairs(report.secrets) do
    add(comments, field_path(name), "Masked because of its name.")
  end
  return comments
end

--- The sentences at the top of the file. `name`: the document's.
function annotations.head(report, name)
  local counts = report.counts
  local head = {
    ("%s: a description out of %s (OpenAPI %s)"):format(report.title or report.name, name, report.version),
  }
  if report.digest then head[2] = "SHA-256 " .. report.digest end
  local counted = "%d of %d operations can be called, among them %d of %d updates; left out: %d."
  head[#head + 1] = counted:format(
    counts.usable, counts.operations, counts.usable_updates, counts.updates, counts.skipped)
  head[#head + 1] = "It is a file like one written by hand: read it, correct it, keep it."
  if report.skipped[1] then
    head[#head + 1], head[#head + 2] = "", "Left out:"
    for i = 1, math.min(#report.skipped, MOST_SKIPPED) do
      local entry = report.skipped[i]
      head[#head + 1] = ("* %s %s: %s"):format(entry.method, entry.path, entry.reason)
    end
    if #report.skipped > MOST_SKIPPED then
      head[#head + 1] = ("* and %d more, which the report names"):format(#report.skipped - MOST_SKIPPED)
    end
  end
  return head
end

--- The report in one line.
function annotations.summary(report)
  local counts = report.counts
  local parts = { ("%d of %d operations can be called, %d of %d updates"):format(counts.usable,
    counts.operations,
    counts.usable_updates, counts.updates) }
  local function part(number, one, many)
    if number > 0 then parts[#parts + 1] = ("%d %s"):format(number, number == 1 and one or many) end
  end
  part(counts.refused_fields, "field is refused", "fields are refused")
  part(counts.secrets, "field is masked because of its name", "fields are masked because of their names")
  part(#report.warnings, "warning", "warnings")
  part(counts.skipped, "operation is left out", "operations are left out")
  return table.concat(parts, "; ")
end

return annotations
