--- The current item of a worker of a bulk run: tracks its calls and decides its outcome. One object serves
-- all items of a worker, one after the other. exchange/bulk_context.lua lists the methods that calls use.

local errors = require "patchbay.errors"
local last_change = require "patchbay.record.last_change"
local report = require "patchbay.bulk.report"

local items = {}

-- The methods, which each object has itself: finding them through a metatable would cost every item more.
local methods = {}

local new_records = {} -- in place of the key of created records

--- An object for the items of one worker of `run` (see run.lua).
function items.new(run)
  local new = {
    run = run,
    item = nil, key = nil, -- of the item at hand
    journaled = run.journal ~= false,
    change = nil, place = nil, reopened = false, -- for the journal: see resume()
    takes = false,    -- "source" while its worker calls the iterator of items, "item" before and after that
    started = false,  -- by the clock; false while no body is running
    context = false,  -- of the client used last, also under dry_run; false: none was used
    known = false,    -- a client that the run knows, and that has no dry_run: for it, use() has nothing to do
    sent = false,     -- whether a change was sent
    -- Of the record changed first, see changed(). LuaJIT keeps no room for a nil, and setting these must not
    -- fail for lack of memory: the change has been applied by then.
    collection = false, changed_key = false, only_err = false, only_record = false,
    in_turn = false,       -- see bulk_context.lua
    -- Members that few items have; they are reset only if `marked`.
    marked = false,
    shown = false,    -- whether a change was shown instead of sent, under dry_run
    dry = false,      -- whether a client with dry_run was used
    still_open = false,
    states = false,   -- of several records: collection -> key -> the error of the last change, or its record
    last_failed = nil, -- list of { collection, key } in the order of failing
  }
  for name, method in pairs(methods) do new[name] = method end
  return new
end

--- Resets the members that few items have, for the next item. The run sets the others itself.
function methods:unmark()
  self.marked, self.shown, self.dry, self.still_open = false, false, false, false
  self.states, self.last_failed = false, nil
end

--- Adds the facts that the journal needs of an item that is begun: `change`, its digest, and `place`, its
-- number among items of the same name. `reopened`: whether an earlier run left an order of it open.
function methods:resume(change, place, reopened)
  self.change, self.place, self.reopened = change, place, reopened
end

function methods:use(context)
  if self.context == context then return end
  self.context = context
  local run = self.run
  if not run.contexts[context] then run:uses(context) end
  if context.dry_run then self.dry, self.marked = true, true else self.known = context end
end

function methods:begin(context)
  if self.sent then return end
  if self.journaled then self.run:begin(self, context) end
  self.sent = true
end

function methods:would_send(context)
  self:use(context)
  self.shown, self.marked = true, true
end

function methods:left_open() self.still_open, self.marked = true, true end

-- The states of several records.
local function states_of(self, collection)
  if not self.states then
    self.marked = true
    if self.only_err then self.last_failed = { { self.collection, self.changed_key } } end
    self.states = { [self.collection] = { [self.changed_key] = self.only_err or self.only_record } }
  end
  local states = self.states[collection]
  if not states then
    states = {}
    self.states[collection] = states
  end
  return states
end

--- Makes room for the result of a change that is about to be sent, so that changed() finds it even if memory
-- runs out. Only where another change has been made.
function methods:expect(collection, key)
  if key == nil then key = new_records end
  if not self.states and self.collection == collection and self.changed_key == key then return end
  local states = states_of(self, collection)
  if states[key] == nil then states[key] = false end
end

--- Notes the result of a change: `err`, its error value; or `record`, true for one without an open order, nil
-- where there is none any more.
function methods:changed(collection, key, record, err)
  if key == nil then key = new_records end
  -- Nearly every item changes one record: that one's state is held without tables.
  local first = self.collection
  if not first then
    if not err and not record then return end
    self.collection, self.changed_key, self.only_err, self.only_record = collection, key, err, record
    return
  end
  if not self.states and first == collection and self.changed_key == key then
    self.only_err, self.only_record = err, record
    return
  end
  local states = states_of(self, collection)
  states[key] = err or record
  if err then
    self.last_failed = self.last_failed or {}
    table.insert(self.last_failed, { collection, key })
  end
end

-- The error of a record whose last change failed; of several records, the latest.
local function failed_change(self)
  if not self.states then return self.collection and self.only_err end
  for i = #(self.last_failed or {}), 1, -1 do
    local collection, key = self.last_failed[i][1], self.last_failed[i][2]
    local state = self.states[collection][key]
    if errors.is(state) then return state end
  end
end

-- Whether the last change of some record, of several, is an order that is still open.
local function has_open_order(self)
  for _, states in pairs(self.states) do
    for _, state in pairs(states) do
      local is_record = state and state ~= true and not errors.is(state)
      if is_record and last_change.is_pending(state) then return true end
    end
  end
  return false
end

--- The error of an item whose body has returned `count` values, of which `first` is nil or false; nil if it
-- has not failed.
function methods:problem(count, first, second)
  if count == 0 then return failed_change(self) end
  if second == nil then
    return failed_change(self)
      or report.bug(("the body returned %s without an error"):format(tostring(first)))
  end
  return errors.is(second) and second or report.bug(second)
end

--- The outcome of an item without an error: "would_send", "pending", "unchanged" or "changed".
function methods:state()
  local collection = self.collection
  if self.marked and self.shown then
    return "would_send"
  elseif self.states then
    if has_open_order(self) then return "pending" end
  elseif collection and self.only_record ~= true and not self.only_err and self.only_record
    and last_change.is_pending(self.only_record) then
    return "pending"
  end
  return self.sent and "changed" or "unchanged"
end

return items
