--- Changes of records within bulk runs: reports the result of each to the item of the run. Where an earlier
-- run left an order of the item open, the record is read back first.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local bulk_context = require "patchbay.exchange.bulk_context"
local lazy = require "patchbay.util.lazy"
local readback = require "patchbay.record.readback"
local last_change = require "patchbay.record.last_change"
local update = require "patchbay.record.update"
local usual_update = require "patchbay.record.usual_update"

local diff = lazy "patchbay.record.diff"
local listing = lazy "patchbay.record.listing"

local record, current_item = core.record, bulk_context.item

local NO_OPTIONS = call_options.none

local change = {}

-- Reports the result of a change of `key` to `item`, if there is one. Returns that result.
local function report(item, collection, key, self, changed, receipt_or_err)
  if item then item:changed(collection, key, self, not changed and receipt_or_err) end
  return changed, receipt_or_err
end

-- Reads the record that an open order of an earlier run changes, and drops the assignments that the read does
-- not contradict: only the others are sent. Returns true; or nil and an error value.
local function read_open_order(self, collection, options)
  local assigned = record.plain(self, false)
  if next(assigned) == nil then return true end
  local reading, err = collection:read(record.key(self), options, self)
  if not reading then
    err.outcome = "not_sent"
    err.message = err.message .. "; an earlier run left an order for it open, and nothing is sent before it "
      .. "is read back"
    return nil, err
  end
  local contradicted = {}
  for _, difference in ipairs(readback.compare(collection, assigned, reading).differs) do
    contradicted[difference.field:match "^[^.]*"] = true
  end
  record.load(self, reading)
  last_change.remember(self, false)
  for field in pairs(assigned) do
    if not contradicted[field] then self[field] = nil end
  end
  return true
end

-- The fields that an update may change: a table by name.
local function changed_fields(self, options)
  local fields = record.plain(self, false)
  if not options.changed_only then return fields end
  local changed = {}
  for _, entry in ipairs(diff.assignments(self)) do
    if entry.changed ~= false then
      local name = entry.field:match "^[^.]*"
      changed[name] = fields[name]
    end
  end
  return changed
end

--- record:update() of the record with that key, with checked `options`. `guard`: see update.update. Returns
-- the record and the receipt, or nil and an error value.
function change.update(self, collection, key, options, level, guard)
  local item, co = current_item()
  if collection.listings and next(collection.listings) then
    local ok, assigned = pcall(changed_fields, self, options) -- update() raises problems
    if ok then listing.note_change(collection, assigned) end
  end
  if item then
    local context = collection.context
    if item.known == context then item.context = context else item:use(context) end
    local plan = collection.plans.update
    if item.reopened then
      plan = collection:plan "update"
      if plan and plan.operation.order and collection:plan "get" then
        local ok, err = read_open_order(self, collection, options)
        if not ok then
          item:left_open()
          return report(item, collection, key, self, nil, err)
        end
      end
    end
    if co and plan and plan.usual and options == NO_OPTIONS then
      local updated, receipt_or_err = usual_update(self, collection, key, plan, item, co)
      if updated or receipt_or_err then return updated, receipt_or_err end
    end
    if item.collection then item:expect(collection, key) end
  end
  local updated, receipt_or_err, settled = update.update(self, collection, options, level + 1, item, guard)
  if item then item:changed(collection, key, settled or self, not updated and receipt_or_err) end
  return updated, receipt_or_err
end

--- record:replace(), with checked `options`. Returns the same as update.
function change.replace(self, collection, options, level)
  local item, key = current_item(), record.key(self)
  if item then
    item:use(collection.context)
    if item.collection then item:expect(collection, key) end
  end
  return report(item, collection, key, self, update.replace(self, collection, options, level + 1))
end

--- Deletes a record; true, or nil and an error value. `holder`: the record object, or nil.
function change.remove(collection, key, options, holder)
  local item = current_item()
  if item then item:use(collection.context) end
  return report(item, collection, key, nil, collection:remove(key, options, holder))
end

--- Reports the result of creating a record to the bulk run. Returns that result.
function change.created(collection, new, receipt_or_err)
  local item = current_item()
  if item then item:use(collection.context) end
  return report(item, collection, nil, new or nil, new, receipt_or_err)
end

return change
