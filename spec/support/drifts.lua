--- Drift in specs: changes by us, whose client keeps a record of them, and by others.

local acme = require "spec.support.acme"
local patchbay = require "patchbay"

local drifts = {}

--- A client that writes no record of changes, for the same simulated vendor.
function drifts.other_client(sandbox)
  return patchbay.vendor(acme.description()) { key = sandbox.credentials.acme.key, transport = sandbox }
end

--- Updates a line.
function drifts.set(client, key, fields)
  local line = client.lines[key]
  for name, value in pairs(fields) do line[name] = value end
  assert(line:update())
end

--- The drift of a client since a snapshot. `options`: `since`, in place of `snapshot`; `desired`; and
-- `changes_log` and `ours`, as patchbay.drift takes them.
function drifts.since(snapshot, client, options)
  options = options or {}
  return assert(patchbay.drift({ acme = client }, options.desired, { since = options.since or snapshot,
    changes_log = options.changes_log, ours = options.ours }))
end

--- Entries as "change key by field:by …".
function drifts.verdicts(found)
  local list = {}
  for i, entry in ipairs(found.entries) do
    local parts = { entry.change, tostring(entry.key), entry.by }
    for _, field in ipairs(entry.change == "changed" and entry.fields or {}) do
      parts[#parts + 1] = field.field .. ":" .. field.by
    end
    list[i] = table.concat(parts, " ")
  end
  return list
end

--- The reason of the first entry, or of its first field.
function drifts.why(found)
  local entry = found.entries[1]
  return entry.why or entry.fields[1].why
end

return drifts
