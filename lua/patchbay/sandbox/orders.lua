-- Changes that a vendor has accepted as orders and carries out later: after a number of reads, or at a time.

local orders = {}
orders.__index = orders

-- `waiting`: the ordered record -> list of { changes =, reads =, due = }, as they were placed.
function orders.new() return setmetatable({ waiting = {} }, orders) end

-- Places an order on `what`. It is due after `reads` reads or, where `due` is given, at that time.
function orders:place(what, changes, reads, due)
  local waiting = self.waiting[what] or {}
  waiting[#waiting + 1] = { changes = changes, reads = reads, due = due }
  self.waiting[what] = waiting
end

-- Takes the names in `changes` out of the waiting orders: they have been set anew since.
function orders:supersede(what, changes)
  for _, order in ipairs(self.waiting[what] or {}) do
    for name in pairs(changes) do order.changes[name] = nil end
  end
end

-- The changes that are due at the time `now`, as they were placed. A read counts, and still shows the earlier
-- state.
function orders:due(what, is_read, now)
  local waiting, due = self.waiting[what] or {}, {}
  while waiting[1] do
    local order = waiting[1]
    if not (order.due and now >= order.due or not order.due and order.reads <= 0) then break end
    due[#due + 1] = table.remove(waiting, 1).changes
  end
  for _, order in ipairs(is_read and waiting or {}) do order.reads = order.reads - 1 end
  return due
end

return orders
