--- The comparison that drift returns: whose each of its entries is, and how many are ours.

local attribution = require "patchbay.drift.attribution"
local changes_log = require "patchbay.exchange.changes_log"
local comparison = require "patchbay.drift.comparison"
local descriptions = require "patchbay.drift.descriptions"

local results = {}

--- Says of entries whose they are. `by`: see attribution.lua; `contexts`: by account. An entry has `old` and
-- `new`, the records as they were and are, and loses them.
function results.attribute(entries, by, contexts)
  for _, entry in ipairs(entries) do
    local context = contexts[entry.account]
    by:entry({ account = entry.account, place = entry.place, key = entry.key, context = context,
      resource = (descriptions.resource(context.api.name, entry.collection, context)),
      old = entry.old and entry.old.fields, now = entry.change == "appeared" and entry.new
        and entry.new.fields or nil, secret = entry.new and entry.new.secret,
      digest_key = context and changes_log.digest_key(context), since = entry.since }, entry)
    entry.old, entry.new, entry.since = nil, nil, nil
  end
end

--- Makes the comparison of entries whose `by` is known. `fields`: as for comparison.new. Without `ours` those
-- that are our own are counted, and left out.
function results.new(fields, ours)
  fields.kind, fields.by = "drift", attribution.count(fields.entries)
  if ours == false then
    local entries = {}
    for _, entry in ipairs(fields.entries) do
      local list = {}
      for _, field in ipairs(entry.fields) do
        if entry.change ~= "changed" or field.by ~= "ours" then list[#list + 1] = field end
      end
      entry.fields = list
      if entry.by ~= "ours" then entries[#entries + 1] = entry end
    end
    fields.entries = entries
  end
  return comparison.new(fields)
end

return results
