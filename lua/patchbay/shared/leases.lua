--- The leases that this Lua holds of storages in a store (storage.lua): whoever runs for long gives signs for
-- them in between, so that they go on. A lease that nobody refers to any more ends by itself.

local leases = {}

local held = setmetatable({}, { __mode = "k" })

--- Begins to give signs for `lease`, which has beat_if_due().
function leases.add(lease) held[lease] = true end

function leases.remove(lease) held[lease] = nil end

--- Whether any is held.
function leases.any() return next(held) ~= nil end

--- Gives the signs that are due.
function leases.beat()
  if next(held) == nil then return end
  local list = {} -- a sign may let other code run, which ends a lease or begins one
  for lease in pairs(held) do list[#list + 1] = lease end
  for _, lease in ipairs(list) do lease:beat_if_due() end
end

return leases
