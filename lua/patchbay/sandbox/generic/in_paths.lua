-- The parameters of `within` by which the records of a resource are kept apart: those in its paths. A
-- parameter in a query or a header is only part of how a call is made.

local placeholders = require "patchbay.util.placeholders"

local in_paths = {}

local known = setmetatable({}, { __mode = "k" })

-- The list of those of a resource's description.
function in_paths.of(resource)
  local list = known[resource]
  if not list then
    list = {}
    local beside = resource.within and placeholders.beside_paths(resource)
    for _, parent in ipairs(resource.within or {}) do
      if not beside[parent[1]] then list[#list + 1] = parent end
    end
    known[resource] = list
  end
  return list
end

return in_paths
