--- Marks code that may wait for long: the bodies of a bulk run, and work done once for all of them. Other
-- calls have a caller who waits. A body has an item, which is told about the body's calls.
--
-- An item (see bulk/item.lua) has
--   started                    false while no body is running
--   use(context)               called before a call of that client, also under dry_run
--   begin(context)             called before a change is sent; raises when it must not be sent
--   would_send(context)        called for a change that is only shown, under dry_run
--   collection                 of a changed record; false: none was changed
--   expect(collection, key)    called before a further change of a record
--   changed(collection, key, record, err)   called after a change of a record; `err`: its error, or nil or
--       false; `record`: true where it has certainly no open order
--   in_turn                    whether the last turn of a change (see change_order.lua) did not end by itself
--   reopened                   whether an earlier run left an order of this item open

local tasks = require("patchbay.hosts").tasks
local yieldable = require "patchbay.util.yieldable"

local bulk_context = {}

local running = coroutine.running

local patient = setmetatable({}, { __mode = "k" }) -- coroutine -> true
local items = setmetatable({}, { __mode = "k" })   -- coroutine -> item

--- Marks the running coroutine for good: it must do nothing else.
function bulk_context.enter() patient[running()] = true end

--- Sets the object for the items of the running coroutine, a task's own; nil removes it.
bulk_context.set_item = tasks.set_item or function(item) items[running()] = item end

--- The item whose body is running; nil outside of bodies. In plain Lua also in a coroutine that the body has
-- made, and besides the running coroutine, where that is a task's own and can wait.
bulk_context.item = tasks.item or function()
  local co = running()
  local item = co and items[co]
  return item and item.started and item or nil
end

--- Whether the running code is marked. A callback of a C function is not: while it waits, all others do.
function bulk_context.is_active()
  local co = running()
  return co ~= nil and patient[co] ~= nil and yieldable()
end

--- Wraps `work` for another coroutine, which is marked if the running code is.
function bulk_context.inherit(work)
  if not bulk_context.is_active() then return work end
  return function()
    bulk_context.enter()
    return work()
  end
end

return bulk_context
