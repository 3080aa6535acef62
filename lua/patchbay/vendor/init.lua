--- patchbay.vendor: a client constructor for a vendor that a script describes.

local check = require "patchbay.util.check"
local checked = require "patchbay.vendor.checked"
local client = require "patchbay.client"

local vendor = {}

-- Constructor -> the description behind it; name -> the description of that name that was made last.
local by_constructor = setmetatable({}, { __mode = "k" })
local by_name = setmetatable({}, { __mode = "v" })

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
    local made = client.new(api, options, 2)
    return made
  end
  by_constructor[constructor], by_name[api.name] = api, api
  return constructor
end

--- The description behind a constructor, or of the vendor of that name; nil if there is none.
function vendor.find(constructor_or_name)
  return by_constructor[constructor_or_name] or by_name[constructor_or_name]
end

--- The names of the vendors that scripts have described, sorted.
function vendor.names() return check.names(by_name) end

return vendor
