--- Compares a plan with the vendor's records when it is applied: only reviewed changes are made, and values
-- that somebody else has changed since are never overwritten.
--
-- Of each change there is a verdict, a table with one of
--   done = true      there is nothing left to do
--   err              an error value: the change must not be made
--   fields, reading, key   the part that is left to send (see send.lua)

local core = require "patchbay.core"
local creates = require "patchbay.desired.creates"
local errors = require "patchbay.errors"
local paths = require "patchbay.desired.paths"
local plan_file = require "patchbay.desired.plan_file"
local reading = require "patchbay.desired.reading"
local text = require "patchbay.util.text"

local reread = {}

local null = core.json.null

local function nothing() end

local function conflict(change, message)
  return { err = errors.new { kind = "conflict", outcome = "not_sent",
    message = ("%s: %s; make the plan again"):format(change.address, message) } }
end

-- ---- reading ----

-- A declared record, as declaration.lua makes them, for a change.
local function declared(change, target)
  local fields = {}
  for _, field in ipairs(change.fields) do
    local value = field.to
    if value == nil then value = field.from end
    if value ~= nil then paths.set(fields, field.field, value) end
  end
  return { entry = target, account = target.account, collection = target.collection, proxy = target.proxy,
    collection_name = target.collection_name, key = change.key,
    name = change.action ~= "update" and change.key == nil and change.name or nil,
    address = change.address, path = change.address, fields = fields, refs = nil }
end

-- The declaration of the records that the changes are about, and the record of each change.
local function declaration_of(changes, target_of)
  local made, records, entries = { records = {}, collections = {} }, {}, {}
  for _, change in ipairs(changes) do
    local target = target_of(change)
    local record = declared(change, target)
    records[change], made.records[#made.records + 1] = record, record
    if not entries[target] then
      entries[target] = { account = target.account, collection = target.collection, proxy = target.proxy,
        collection_name = target.collection_name, full = target.full, records = {}, whole = false }
      table.insert(made.collections, entries[target])
    end
    table.insert(entries[target].records, record)
  end
  return made, records
end

-- ---- comparing ----

-- The verdicts of the core on values at paths: path -> "confirmed", "differs" or "unverifiable".
local function compared(target, values, read)
  local found, resource = {}, target.collection.resource
  local confirmed, differs, unverifiable = core.record.compare(resource.schema, values, read.fields,
    read.unsure, resource.key)
  for _, path in ipairs(confirmed) do found[path] = "confirmed" end
  for _, difference in ipairs(differs) do found[difference.field] = "differs" end
  for _, path in ipairs(unverifiable) do found[path] = "unverifiable" end
  return found
end

-- The verdict on the value at `path`: the core gives one for the parts of an object where they differ, else
-- one for all of it.
local function at(found, path)
  local around = path
  while around do
    if found[around] then return found[around] end
    around = around:match "^(.*)%.[^.]*$"
  end
  local worst
  for part, verdict in pairs(found) do
    if part:sub(1, #path + 1) == path .. "." then
      if verdict == "differs" then return verdict end
      if verdict == "unverifiable" or not worst then worst = verdict end
    end
  end
  return worst or "unverifiable"
end

-- The values of one side of the fields, as a table of fields; nil where it has none.
local function side(fields, name)
  local values
  for _, field in ipairs(fields) do
    if field[name] ~= nil then
      values = values or {}
      paths.set(values, field.field, field[name])
    end
  end
  return values
end

local function is_empty(value) return value == nil or value == null or value == "" end

-- Whether the value that a field had when the plan was made is there still: true; false; nil where that
-- cannot be told.
local function is_unchanged(work, change, field, read, before)
  if field.from_digest then
    local now = paths.at(read.fields, field.field)
    if now == nil then return nil end
    return plan_file.digest(work.context_of(change), change.address, field.field, now) == field.from_digest
  elseif field.from == nil then
    return is_empty(paths.at(read.fields, field.field))
  end
  local verdict = at(before, field.field)
  if verdict == "unverifiable" then return nil end
  return verdict == "confirmed"
end

-- The verdict on a change of a record that was read.
local function verdict_on_fields(work, change, target, read)
  local wanted, from = side(change.fields, "to"), side(change.fields, "from")
  local after = wanted and compared(target, wanted, read) or {}
  local before = from and compared(target, from, read) or {}
  local left = {}
  for _, field in ipairs(change.fields) do
    local there = field.to ~= nil and at(after, field.field) or nil
    if there ~= "confirmed" then
      -- "not shown": a read showed that there was no value.
      local known = field.unknown == nil or field.unknown == "not shown"
      local unchanged = known and is_unchanged(work, change, field, read, before)
      if known and unchanged == false then
        return conflict(change, field.field .. " has been changed since the plan was made")
      elseif known and unchanged == nil and not work.force then
        return { err = errors.new { kind = "incomplete", outcome = "not_sent",
          message = ("%s: %s is not shown, so whether somebody has changed it is not known; force = true "
            .. "sends it")
            :format(change.address, field.field) } }
      end
      -- A value that nothing shows is compared with the one that was sent last.
      local sent = not known and work.state:compare(change.address, field.field,
        field.to)
      if sent ~= "same" then left[#left + 1] = field end
    end
  end
  if not left[1] then return { done = true } end
  return { fields = left, reading = read, key = change.key }
end

local NOTHING = { fields = {} }

local function verdict_on_update(work, change, target, entry)
  if entry.err then
    entry.err.outcome = "not_sent"
    return { err = entry.err }
  elseif not entry.exists then
    return conflict(change, "it does not exist any more")
  end
  return verdict_on_fields(work, change, target, entry.reading or NOTHING)
end

-- The key and the known state of a record that an undo plan deletes, and of which it is not known whether it
-- was created: it is known by its identity. Returns also the fault where several are.
local function find_created(work, record, known)
  local fault
  local key, entry = creates.key_of({ state = work.state, known = known, claimed = {}, note = nothing,
    fault = function(_, message, ...) fault = message:format(...) end }, record)
  return key, entry, fault
end

-- Whether the state says that creating the record was begun, and not how that ended.
local function is_begun(work, target, change)
  local _, begun = work.state:key_of(target.full, change.name)
  return begun == "begun"
end

-- Whether the record that is to be deleted is as it was.
local function verdict_on_delete(work, change, target, entry, record, known)
  local key = change.key
  if key == nil and change.name then
    local fault
    key, entry, fault = find_created(work, record, known)
    if fault then return conflict(change, fault) end
    if key == nil then return { done = true } end
    if entry.adopted and work.has_state and not is_begun(work, target, change) then
      return conflict(change, text.of(key) .. " agrees with it, but nothing says that the apply has created "
        .. "it: it is left as it is")
    end
  end
  if entry.err then
    if entry.err.kind == "not_found" then return { done = true } end
    entry.err.outcome = "not_sent"
    return { err = entry.err }
  elseif not entry.exists then
    return { done = true }
  end
  local read = entry.reading
  local from = read and side(change.fields, "from")
  local before = from and compared(target, from, read) or {}
  for _, field in ipairs(change.fields) do
    if read and (field.from ~= nil or field.from_digest)
      and is_unchanged(work, change, field, read, before) == false then
      return conflict(change, field.field .. " has been changed since the plan was made")
    end
  end
  return { key = key }
end

-- Of a record to create that is there by now: the values that it shows otherwise are sent.
local function verdict_on_adopted(change, target, key, entry)
  local wanted, left = side(change.fields, "to"), {}
  local after = wanted and entry.reading and compared(target, wanted, entry.reading) or {}
  for _, field in ipairs(change.fields) do
    if field.to ~= nil and at(after, field.field) == "differs" then left[#left + 1] = field end
  end
  return { done = not left[1] or nil, fields = left, reading = entry.reading, key = key, adopted = true }
end

-- The verdict on a record to create; nil where it is not there.
local function verdict_on_create(work, change, target, record, known, claimed)
  local fault
  local key, entry = creates.key_of({ state = work.state, known = known, claimed = claimed, note = nothing,
    fault = function(_, message, ...) fault = message:format(...) end }, record)
  if fault then return conflict(change, fault) end
  if key ~= nil and entry and entry.exists then return verdict_on_adopted(change, target, key, entry) end
end

--- Reads the records of the changes, and returns a table: change -> verdict; or nil and an error value.
-- `work`: the apply (see apply.lua). A change without a verdict is to be made as it stands.
function reread.verdicts(work, changes, options)
  local declaration, records = declaration_of(changes, work.target_of)
  local known, err = reading.read(declaration, work.state, options)
  if not known then return nil, err end
  local verdicts, claimed = {}, {}
  -- First those that others may refer to.
  for _, change in ipairs(changes) do
    if change.action == "create" then
      local target = work.target_of(change)
      verdicts[change] = verdict_on_create(work, change, target, records[change], known, claimed)
      if verdicts[change] and verdicts[change].key ~= nil then
        work:set_key(change, target, verdicts[change].key)
      end
    end
  end
  for _, change in ipairs(changes) do
    local target, entry = work.target_of(change), known[records[change]] or { exists = true }
    if change.action == "update" then
      work:resolve(change, change.fields) -- as far as the records are there
      verdicts[change] = verdict_on_update(work, change, target, entry)
    elseif change.action == "delete" then
      verdicts[change] = verdict_on_delete(work, change, target, entry, records[change], known)
    end
  end
  return verdicts
end

return reread
