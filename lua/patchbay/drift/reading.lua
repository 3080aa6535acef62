--- Reads collections for a snapshot, with as few requests as possible: the list, and the records one by one
-- where that shows fields which the list shows of none.

local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local core = require "patchbay.core"
local each = require "patchbay.bulk.each"
local listing = require "patchbay.record.listing"
local needed = require "patchbay.desired.needed"
local section = require "patchbay.drift.section"
local text = require "patchbay.util.text"

local reading = {}

-- Records that are read one by one before all of them are, as for plans.
local SAMPLE = 8

-- ---- the fields that are read ----

-- The described fields that a read may show, by name.
local function readable(resource)
  local never, set = needed.hidden(resource), {}
  for _, name in ipairs(resource.field_names) do
    if not never[name] then set[name] = true end
  end
  return set
end

-- The readable fields that the list shows of no record.
local function lacking(work)
  local list = {}
  for name in pairs(readable(work.collection.resource)) do
    if not work.section.shows[name] then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- ---- lists ----

local function read_list(work)
  local into, collection = work.section, work.collection
  local function deliver(key, found)
    for name in next, found.fields do into.shows[name] = true end
    into:take(collection, key, found, false, work.how)
    return true
  end
  local list = listing.open(collection, assert(collection:plan "list"), needed.largest_page(collection),
    deliver)
  local ok, err = pcall(function()
    repeat until not list:next()
  end)
  if ok then return end
  if type(err) ~= "table" then error(err, 0) end
  into:fail(tostring(err))
end

-- ---- single records ----

local function read_one(work, key)
  local found, err = work.collection:read(key, call_options.none)
  if found then
    work.section:take(work.collection, key, found, true, work.how)
  elseif err.kind == "not_found" and key ~= nil then
    work.section:remove(key) -- deleted since the list was read
  else
    work.section:fail(tostring(err), key)
  end
  return found
end

local function run(items, concurrency, body)
  local report = each(items, { concurrency = concurrency }, body)
  if report.interrupted then error("interrupted!", 0) end
  if report.incomplete then error(report.incomplete, 0) end
  for _, failure in ipairs(report.failures) do error(failure.err, 0) end -- no other failure ends a body
end

-- Evenly spread records.
local function sample_of(work)
  local keys, list = work.section.keys, {}
  local step = math.max(1, math.floor(#keys / SAMPLE))
  for i = 1, #keys, step do
    if #list < SAMPLE then list[#list + 1] = keys[i] end
  end
  return list
end

-- An iterator over the records to be read one by one: of a hundred thousand no list is made.
local function singles_of(works, slots_of)
  local position, place, slots = 0, 0, {}
  return function()
    while place >= #slots do
      position, place = position + 1, 0
      if not works[position] then return nil end
      slots = slots_of(works[position])
    end
    place = place + 1
    local work, slot = works[position], slots[place]
    local key = core.json.decode("[" .. slot .. "]")[1]
    return { key = work.section.name .. " " .. slot, work = work, of = key }
  end
end

local function read_singles(items, concurrency, seen)
  run(items, concurrency, function(item)
    local found = read_one(item.work, item.of)
    if found and seen then
      local set = seen[item.work] or {}
      seen[item.work] = set
      for name in next, found.fields do set[name] = true end
    end
    return true
  end)
end

-- The records that are left to be read one by one, after the samples; `seen`: the fields that these show.
local function rest_of(work, seen)
  local by_read, worth = seen[work] or {}, false
  for _, name in ipairs(work.lacking) do
    if by_read[name] then worth = true end
  end
  if worth then
    local sampled, list = {}, {}
    for _, slot in ipairs(work.sample) do sampled[slot] = true end
    for _, slot in ipairs(work.section.keys) do
      if not sampled[slot] then list[#list + 1] = slot end
    end
    return list
  end
  -- Neither the list nor these reads show them: they count as empty in the other records.
  if seen[work] and #work.section.keys > #work.sample then
    for _, name in ipairs(work.lacking) do work.section.assumed[name] = true end
  end
  return {}
end

--- Reads `entries` (see desired/accounts.find): a list of sections in their order. `options`: `secrets`
-- ("omit" or "mask"), `concurrency`. A collection of which the vendor documents no read is in it with
-- `unreadable`, a sentence. Failed reads leave a section incomplete; an interrupt is raised.
function reading.read(entries, options)
  local sections, lists, alone = {}, {}, {}
  for i, entry in ipairs(entries) do
    local collection = entry.collection
    local new = section.new { name = entry.full, account = entry.account, collection = entry.collection_name,
      place = collection.place or collection.name }
    sections[i] = new
    local work = { section = new, collection = collection, how = options.secrets, key = entry.full }
    local list, list_err = nil, nil
    if collection.resource.key then list, list_err = collection:plan "list" end
    local get, get_err = collection:plan "get"
    work.can_get = get ~= nil
    if list then
      lists[#lists + 1] = work
    elseif get and not collection.resource.key then
      alone[#alone + 1] = work
    else
      new.unreadable = ((list_err or get_err).message:gsub("^.-: ", "", 1))
    end
  end
  run(lists, options.concurrency, function(work)
    read_list(work)
    return true
  end)
  run(alone, options.concurrency, function(work)
    read_one(work, nil)
    return true
  end)
  local wanting, seen = {}, {}
  for _, work in ipairs(lists) do
    work.lacking = lacking(work)
    if work.can_get and work.lacking[1] and work.section.count > 0 then
      work.sample = sample_of(work)
      wanting[#wanting + 1] = work
    end
  end
  read_singles(singles_of(wanting, function(work) return work.sample end), options.concurrency, seen)
  read_singles(singles_of(wanting, function(work) return rest_of(work, seen) end), options.concurrency)
  return sections
end

--- The collections of `clients` (by account) that a snapshot has where the script names none: those with keys
-- and a list, and those of one record, as far as their parents are known. A list of names.
function reading.all(clients, context_of)
  local names = {}
  for _, account in ipairs(check.names(clients)) do
    local api = context_of(clients[account]).api
    for _, name in ipairs(check.names(api.resources)) do
      local operations = api.resources[name].operations
      local function documented(operation)
        return operation ~= nil and not operation.refused
      end
      if documented(operations.list) or documented(operations.get) then
        names[#names + 1] = account .. "." .. text.of(name)
      end
    end
  end
  return names
end

return reading
