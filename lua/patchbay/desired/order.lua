--- The order in which changes are made: creates, updates, deletes; records before those that use them, and
-- deletes the other way round.

local order = {}

-- Whether the records of `one` are used by those of `other`, both entries of declaration.collections.
local function is_used_by(one, other)
  if one.account ~= other.account then return false end
  for _, place in ipairs(one.collection.resource.description.used_by or {}) do
    if place:match "^[^.]*" == other.collection_name then return true end
  end
  return false
end

-- The collections, those that are used by others first. Those that use each other keep their order.
local function ranked(collections)
  local list, state = {}, {}
  local function place(entry)
    if state[entry] then return end
    state[entry] = true
    for _, other in ipairs(collections) do
      if other ~= entry and is_used_by(other, entry) then place(other) end
    end
    list[#list + 1] = entry
  end
  for _, entry in ipairs(collections) do place(entry) end
  return list
end

local function name_of(entry) return entry.full end

-- The changes by action and collection, each list in the order of `changes`; and how many lists there are.
local function grouped(changes)
  local groups, count = { create = {}, update = {}, delete = {} }, 0
  for _, change in ipairs(changes) do
    local group, name = groups[change.action], name_of(change)
    local list = group[name]
    if not list then
      list = {}
      group[name], count = list, count + 1
    end
    list[#list + 1] = change
  end
  return groups, count
end

-- Whether a change has to wait for another one.
local function has_dependencies(changes)
  for _, change in ipairs(changes) do
    if change.depends[1] then return true end
  end
  return false
end

--- Sorts the list `changes` in place.
function order.sort(changes, declaration)
  local needs_order = has_dependencies(changes)
  local groups, lists = grouped(changes)
  if lists == 1 and not needs_order then return end
  local names, count, done = {}, 0, {}
  for _, entry in ipairs(ranked(declaration.collections)) do
    local name = name_of(entry)
    if not names[name] then
      names[#names + 1] = name
      names[name] = true
    end
  end
  local function place(change)
    if done[change] then return end
    if needs_order then
      done[change] = true
      for _, first in ipairs(change.depends) do place(first) end
    end
    count = count + 1
    changes[count] = change
  end
  for _, action in ipairs { "create", "update", "delete" } do
    for i = 1, #names do
      local group = groups[action][names[action == "delete" and #names + 1 - i or i]]
      for _, change in ipairs(group or {}) do place(change) end
    end
  end
end

return order
