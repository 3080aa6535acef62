--- A comparison as JSON, for programs: stable, without secrets. docs/drift.md describes the members.

local core = require "patchbay.core"
local json_parts = require "patchbay.desired.json_parts"

local difference_json = {}

--- The version of the format. A member that is added does not change it.
difference_json.FORMAT = 1

local array, encode = core.json.array, core.json.encode
local list_of, written = json_parts.list_of, json_parts.written

local function field_of(field)
  return { field = field.field, from = field.from, to = field.to, secret = field.secret and true or false,
    from_unknown = field.from_unknown, by = field.by, why = field.why, user = field.user, at = field.at }
end

local function entry_of(entry)
  return { change = entry.change, account = entry.account, collection = entry.collection, key = entry.key,
    address = entry.address, fields = list_of(entry.fields, field_of), by = entry.by, why = entry.why,
    user = entry.user, at = entry.at }
end

local function unknown_of(group)
  return { collection = group.collection, field = group.field, why = group.why, count = group.count,
    keys = array(group.keys) }
end

--- The JSON text of a comparison. An entry is one line.
function difference_json.of(comparison)
  local members = {
    { "patchbay_comparison_view", difference_json.FORMAT }, { "kind", comparison.kind },
    { "from", comparison.from or core.json.null }, { "to", comparison.to or core.json.null },
    { "empty", comparison.empty }, { "complete", comparison.complete and true or false },
    { "summary", comparison.counts }, { "by", comparison.by or core.json.null },
    { "holes", list_of(comparison.holes) }, { "unknown", list_of(comparison.unknown, unknown_of) },
    { "notes", list_of(comparison.notes, core.text.hide_userinfo) },
  }
  local lines, entries = {}, {}
  for i, member in ipairs(members) do lines[i] = ("%s: %s"):format(encode(member[1]), written(member[2])) end
  for i, entry in ipairs(comparison.entries) do entries[i] = written(entry_of(entry)) end
  lines[#lines + 1] = ('"entries": [%s%s%s]'):format(entries[1] and "\n" or "", table.concat(entries, ",\n"),
    entries[1] and "\n" or "")
  return "{" .. table.concat(lines, ",\n") .. "}\n"
end

return difference_json
