-- Values by key, in the order in which they were added, so that lists are the same every time.

local json = require "patchbay.sandbox.json"

local store = {}
store.__index = store

function store.new() return setmetatable({ by_key = {}, keys = {} }, store) end

function store:add(key, value)
  if self.by_key[key] == nil then self.keys[#self.keys + 1] = key end
  self.by_key[key] = value
  return value
end

function store:get(key) return self.by_key[key] end

function store:remove(key)
  self.by_key[key] = nil
  for index, other in ipairs(self.keys) do
    if other == key then
      table.remove(self.keys, index)
      break
    end
  end
end

-- for key, value in store:each() do
function store:each()
  local index = 0
  return function()
    index = index + 1
    local key = self.keys[index]
    if key ~= nil then return key, self.by_key[key] end
  end
end

-- A deep copy. Marks of arrays and orders are kept.
function store.copy(value)
  if type(value) ~= "table" or value == json.null then return value end
  local result = {}
  for key, member in pairs(value) do result[key] = store.copy(member) end
  return setmetatable(result, getmetatable(value))
end

return store
