--- The items of bulk runs in specs.

local bulk_items = {}

--- "item-1" to "item-<count>", as a list.
function bulk_items.list(count)
  local made = {}
  for i = 1, count do made[i] = "item-" .. i end
  return made
end

--- The same, as an iterator.
function bulk_items.iterator(count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and "item-" .. i or nil
  end
end

return bulk_items
