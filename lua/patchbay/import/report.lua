--- The outcome of an import: the operations that can be used, those that cannot and why, fields that are
-- refused, secrets, warnings, examples.

local report = {}

local Report = {}

-- Running the examples takes as long as all of the rest: it is done when somebody asks for them.
function Report:__index(name)
  local value = Report[name]
  if value ~= nil or name ~= "examples" then return value end
  local run = rawget(self, "run")
  self.run, self.examples = nil, {}
  if run then run() end
  self:count()
  return rawget(self, "examples")
end

--- Says how `examples` is filled in: `run` adds to it.
function Report:run_later(run) self.run = run end

-- Entries of one kind that a text for people lists; the table has all.
local MOST_SHOWN = 40

--- An empty report. `head`: { version =, title =, digest = }.
function report.new(head)
  local self = { patchbay_import = 1, version = head.version, title = head.title, digest = head.digest,
    base_url = nil, operations = {}, skipped = {}, warnings = {}, derived = {}, secrets = {},
    notes = {}, counts = {} }
  return setmetatable(self, Report)
end

--- Adds an operation that is in no resource.
function Report:skip(operation, reason)
  self.skipped[#self.skipped + 1] = { method = operation.method, path = operation.path, reason = reason }
end

--- Adds something that a person should look at. `path`: where in the document.
function Report:warn(path, message)
  self.warnings[#self.warnings + 1] = { path = path, message = message }
end

--- Adds something that the document shows without saying it.
function Report:derive(group, message)
  self.derived[#self.derived + 1] = { path = group.paths[1], message = message }
end

--- Adds an operation of the resource `name`.
function Report:add(name, found, refused_fields, count)
  local operation = found.operation
  local reason = found.refused or found.words.refused
  self.operations[#self.operations + 1] = { method = operation.method, path = operation.path, resource = name,
    kind = found.kind, usable = not reason, reason = reason, fields = reason and 0 or count,
    refused_fields = reason and {} or refused_fields, partial = found.partial }
end

local CHANGES = { update = true, replace = true }

--- Counts its entries.
function Report:count()
  local counts = { operations = #self.operations, usable = 0, updates = 0, usable_updates = 0,
    refused_fields = 0,
    skipped = #self.skipped, secrets = #self.secrets }
  for _, entry in ipairs(self.operations) do
    if entry.usable then counts.usable = counts.usable + 1 end
    if CHANGES[entry.kind] then
      counts.updates = counts.updates + 1
      if entry.usable then counts.usable_updates = counts.usable_updates + 1 end
    end
    counts.refused_fields = counts.refused_fields + #entry.refused_fields
  end
  local examples = rawget(self, "examples")
  if examples then
    counts.examples, counts.accepted_examples = #examples, 0
    for _, entry in ipairs(examples) do
      if entry.accepted then counts.accepted_examples = counts.accepted_examples + 1 end
    end
  end
  self.counts = counts
end

-- Control characters of a stranger's text do nothing to a terminal.
local function shown(text) return (tostring(text):gsub("[%z\1-\31\127]", "?")) end

local function section(lines, title, list, line)
  if not list[1] then return end
  lines[#lines + 1] = ("%s (%d)"):format(title, #list)
  for i = 1, math.min(#list, MOST_SHOWN) do lines[#lines + 1] = "  " .. shown(line(list[i])) end
  if #list > MOST_SHOWN then
    lines[#lines + 1] = ("  and %d more, which the description names"):format(#list - MOST_SHOWN)
  end
end

local NOTES = {
  { "formats", "formats without a meaning here, not checked" },
  { "limits", "limits beyond all values, left out" },
  { "types", "types shown by keywords alone" },
  { "names", "members left out because of their names" },
}

function Report:__tostring()
  local examples, counts, lines = self.examples, self.counts, {}
  lines[1] = shown(("%s (OpenAPI %s)"):format(self.title or "a document", self.version))
  lines[2] = ("%d of %d operations can be used, %d of %d updates; %d skipped"):format(counts.usable or 0,
    counts.operations or 0, counts.usable_updates or 0, counts.updates or 0, counts.skipped or 0)
  if self.base_url then lines[#lines + 1] = "requests and credentials go to " .. shown(self.base_url) end
  local refused, fields = {}, {}
  for _, entry in ipairs(self.operations) do
    if not entry.usable then refused[#refused + 1] = entry end
    for _, field in ipairs(entry.refused_fields) do fields[#fields + 1] = { entry, field } end
  end
  local function line_of(entry) return ("%s %s: %s"):format(entry.method, entry.path, entry.reason) end
  section(lines, "warnings", self.warnings, function(entry) return entry.path .. ": " .. entry.message end)
  section(lines, "masked because of their names", self.secrets, function(name) return name end)
  section(lines, "refused operations", refused, line_of)
  section(lines, "refused fields", fields, function(pair)
    return ("%s %s: %s: %s"):format(pair[1].method, pair[1].path, pair[2].field, pair[2].reason)
  end)
  section(lines, "shown by the document", self.derived, function(entry)
    return entry.path .. ": " .. entry.message
  end)
  local broken = {}
  for _, entry in ipairs(examples) do
    if not entry.accepted then broken[#broken + 1] = entry end
  end
  section(lines, ("examples that break the document's own rules, of %d"):format(#examples), broken,
    function(entry) return entry.path .. ": " .. entry.rule end)
  section(lines, "skipped", self.skipped, line_of)
  for _, note in ipairs(NOTES) do
    if self.notes[note[1]] then lines[#lines + 1] = ("%d %s"):format(self.notes[note[1]], note[2]) end
  end
  return table.concat(lines, "\n")
end

return report
