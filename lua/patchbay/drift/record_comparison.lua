--- Compares one record in two snapshots. Values are compared by the core alone
-- (core.record.compare); digests tell whether secrets have changed.

local core = require "patchbay.core"
local paths = require "patchbay.desired.paths"
local redact = require "patchbay.exchange.redact"

local record_comparison = {}

local null = core.json.null

-- Whether a value says that there is nothing.
local function is_empty(value)
  return value == nil or value == null or value == "" or type(value) == "table" and next(value) == nil
end

local function is_same_text(one, other)
  return core.json.encode(one) == core.json.encode(other)
end

-- The doubts of a record, as core.record.compare takes them.
local function unsure_of(record)
  local unsure = {}
  for _, doubt in ipairs(record.unsure or {}) do
    local path, top = { why = doubt[2] }, doubt[1]:match "^[^.]*"
    for name in doubt[1]:gmatch "[^.]+" do path[#path + 1] = name end
    unsure[top] = unsure[top] or {}
    unsure[top][#unsure[top] + 1] = path
  end
  return unsure
end

-- Adds the fields of `one` that are different, or not shown, in `other`. `side` and `other_side`: the names
-- of their values in an entry, "from" or "to".
local function compare_one_way(job, one, other, side, other_side)
  local function add(path, value, found)
    local entry = { field = path }
    entry[side], entry[other_side] = value, found
    job.by_path[path], job.fields[#job.fields + 1] = entry, entry
  end
  local _, differs, hidden = core.record.compare(job.resource.schema, one.fields, other.fields,
    unsure_of(other), job.resource.key)
  for _, difference in ipairs(differs) do
    if not job.by_path[difference.field] then add(difference.field, difference.to, difference.from) end
  end
  local other_section, own_section = job.new, job.old
  if other_side == "from" then other_section, own_section = job.old, job.new end
  for _, path in ipairs(hidden) do
    local value, found = paths.at(one.fields, path), paths.at(other.fields, path)
    if found ~= nil then
      if not is_same_text(value, found) then job.unknown[path] = true end
    elseif not is_empty(value) and not job.by_path[path] then
      if other_section:knows(other, paths.top(path), own_section) then
        add(path, value, nil)
      else
        job.unknown[path] = true
      end
    end
  end
end

-- Adds a secret whose digests tell that it has changed, or that cannot be compared.
local function compare_secret(job, path, one, other)
  local top = paths.top(path)
  local entry = job.by_path[path]
  local changed
  if one and other then
    if one == "unknown" or other == "unknown" or not job.same_digests then
      if not entry then job.unknown[path] = true end
      return
    end
    changed = one ~= other
  elseif one then
    changed = job.new:knows(job.b, top, job.old) and (job.b.whole or paths.at(job.b.fields, path) == nil)
  else
    changed = job.old:knows(job.a, top, job.new)
  end
  if changed == false and one and other then return end
  if not changed then
    job.unknown[path] = true
    return
  end
  job.unknown[path] = nil
  if entry then return end -- its unmasked part differs, too
  local from, to = paths.at(job.a.fields, path), paths.at(job.b.fields, path)
  entry = { field = path, secret = true }
  if one then entry.from = from == nil and redact.mask or from end
  if other then entry.to = to == nil and redact.mask or to end
  job.by_path[path], job.fields[#job.fields + 1] = entry, entry
end

local function compare_secrets(job)
  local old, new, names = job.a.secret or {}, job.b.secret or {}, {}
  for path in pairs(old) do names[#names + 1] = path end
  for path in pairs(new) do
    if not old[path] then names[#names + 1] = path end
  end
  table.sort(names)
  for _, path in ipairs(names) do compare_secret(job, path, old[path], new[path]) end
end

-- Takes masks out of the fields: snapshots show secrets or leave them out.
local function without_masks(record)
  for path in pairs(record.secret or {}) do
    if paths.at(record.fields, path) == redact.mask then paths.set(record.fields, path, nil) end
  end
end

--- Compares two records (see section.lua). `job`: `a`, `b`, the sections `old` and `new` that they are of,
-- `resource`, and `same_digests` (whether digests are keyed alike). Returns the list of changed fields, {
-- field =, from =, to =, secret = }, in the order of the description; and the list of paths that were not
-- known in one of both.
function record_comparison.fields(job)
  job.fields, job.by_path, job.unknown = {}, {}, {}
  without_masks(job.a)
  without_masks(job.b)
  compare_one_way(job, job.a, job.b, "from", "to")
  compare_one_way(job, job.b, job.a, "to", "from")
  compare_secrets(job)
  local list, unknown = {}, {}
  -- A change of an object is told by its members.
  for _, entry in ipairs(job.fields) do
    local outer, around = entry.field, false
    while outer:find(".", 1, true) do
      outer = outer:gsub("%.[^.]*$", "")
      around = around or job.by_path[outer] ~= nil
    end
    if not around then list[#list + 1] = entry end
  end
  table.sort(list, function(x, y) return x.field < y.field end)
  paths.sort(job.resource, list)
  for path in pairs(job.unknown) do
    if not job.by_path[path] then unknown[#unknown + 1] = path end
  end
  table.sort(unknown)
  return list, unknown
end

return record_comparison
