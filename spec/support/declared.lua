--- A declaration, as desired/declaration.lua makes it, out of a plain table: checks nothing.

local collections = require "patchbay.record.collection"

local declared = {}

local New = {}

--- A key for a record that the vendor has yet to make.
function declared.new(name) return setmetatable({ name = name }, New) end

local function address_of(entry, record)
  if record.name then return ("%s new %q"):format(entry.full, record.name) end
  return entry.full .. (record.key ~= nil and " " .. tostring(record.key) or "")
end

--- `clients`: by account; `raw`: "account.collection" -> key -> fields. `whole`: records that are not in it are
-- deleted. Keys are sorted. `parents`: the values of `within` for all of it.
function declared.declaration(clients, raw, whole, parents)
  local declaration, names = { records = {}, collections = {}, notes = {} }, {}
  for full in pairs(raw) do names[#names + 1] = full end
  table.sort(names)
  for _, full in ipairs(names) do
    local account, name = full:match "^(.*)%.(.-)$"
    local proxy = clients[account][name]
    if parents then proxy = proxy:within(parents) end
    local entry = { account = account, collection_name = name, collection = collections.internals(proxy), proxy = proxy,
      full = full, records = {}, whole = whole, changes_by = "update" }
    for key, fields in pairs(raw[full]) do
      local is_new = getmetatable(key) == New
      local record = { account = account, collection_name = name, collection = entry.collection, entry = entry,
        key = not is_new and key ~= "" and key or nil, name = is_new and key.name or nil, fields = fields,
        refs = fields.refs, path = ("%s[%q]"):format(full, is_new and "new " .. key.name or tostring(key)) }
      fields.refs = nil
      record.address = address_of(entry, record)
      entry.records[#entry.records + 1] = record
    end
    table.sort(entry.records, function(a, b) return a.address < b.address end)
    for _, record in ipairs(entry.records) do declaration.records[#declaration.records + 1] = record end
    declaration.collections[#declaration.collections + 1] = entry
  end
  return declaration
end

return declared
