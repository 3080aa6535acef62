--- Counts to which all workers of an nginx add, in a lua_shared_dict: a store of exchange/meter.lua.

local counts = {}

local Counts = {}
Counts.__index = Counts

local PREFIX = "patchbay count "

--- Adds n to the count `name`. The names are kept in a list of their own: going through all keys would hold up
-- every worker, and find tokens.
function Counts:add(name, n)
  local dict, key = self.dict, PREFIX .. name
  if dict:incr(key, n) then return end
  -- New, or dropped for want of room: either way the list of names has to have it.
  if dict:add(key, n) then
    local at = dict:incr(PREFIX .. "names", 1, 0)
    if at then dict:set(PREFIX .. "name " .. at, name) end
  else
    dict:incr(key, n)
  end
end

--- Iterates over names and counts.
function Counts:each()
  local dict, last, at, seen = self.dict, self.dict:get(PREFIX .. "names") or 0, 0, {}
  return function()
    while at < last do
      at = at + 1
      local name = dict:get(PREFIX .. "name " .. at)
      local n = name and not seen[name] and dict:get(PREFIX .. name)
      if n then
        seen[name] = true
        return name, n
      end
    end
  end
end

--- The counts in `dict`, of ngx.shared.
function counts.new(dict) return setmetatable({ dict = dict }, Counts) end

return counts
