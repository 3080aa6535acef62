--- patchbay.vendor: a client constructor for a vendor that a script describes.

local check = require "patchbay.util.check"
local checked = require "patchbay.vendor.checked"
local client = require "patchbay.client"

local vendor = {}

-- Constructor -> { api = the description behind it, number = 1 for the first that was made }. One that nobody
-- holds any more gives way to an older one of the same name.
local made_by = setmetatable({}, { __mode = "k" })
local made = 0

--- A constructor of clients of the vendor that `description` (see docs/descriptions.md) describes. It works
-- like those of the described vendors. The description is copied: later changes of the table have no effect.
-- Raises all faults of the description at `level`. `guard`: nil, or a function that gets the options of a
-- client and returns the problem for which none is made.
function vendor.new(description, level, guard)
  local api, problem = checked.copy(description)
  if not api then error(problem, level + 1) end
  local function constructor(options)
    local refused = guard and guard(options)
    if refused then error(refused, 2) end
    -- Not a tail call: the levels of errors count this function.
    local new = client.new(api, options, 2)
    return new
  end
  made = made + 1
  made_by[constructor] = { api = api, number = made }
  return constructor
end

-- Name -> the description of that name that was made last.
local function by_name()
  local newest = {}
  for _, entry in pairs(made_by) do
    local name = entry.api.name
    if not newest[name] or newest[name].number < entry.number then newest[name] = entry end
  end
  return newest
end

--- The description behind a constructor, or of the vendor of that name; nil if there is none.
function vendor.find(constructor_or_name)
  local found = made_by[constructor_or_name] or by_name()[constructor_or_name]
  return found and found.api
end

--- The names of the vendors that scripts have described, sorted.
function vendor.names() return check.names(by_name()) end

return vendor
