-- The options of a described vendor in the sandbox: what its description leaves open, and the account's data.

local check = require "patchbay.util.check"
local json = require "patchbay.sandbox.json"
local records = require "patchbay.sandbox.generic.records"
local text = require "patchbay.util.text"

local options = {}

local MINUTE = 60
local PERIODS = { s = 1, sec = 1, second = 1, min = MINUTE, minute = MINUTE, h = 3600, hour = 3600 }

-- The calls of a documented rate, and the seconds in which they may be made; 0 and a minute where none is.
function options.rate(rate)
  if type(rate) == "number" then return rate, 1 end
  local count, unit = tostring(rate):match "^%s*([%d.]+)%s*/%s*(%a+)%s*$"
  local number = text.to_number(count)
  if not number or not PERIODS[unit] then return 0, MINUTE end
  return number, PERIODS[unit]
end

-- See options.lua of the sandbox. `rate_limit`: the default of that option.
function options.of(rate_limit)
  return {
    -- Records at first, by collection: a list of them, or how many are made up (three, if it is not said).
    -- Where a collection has parents, records may name them.
    records = { type = "table" },
    -- By name, as the client takes them; what is missing is made up.
    credentials = { type = "table" },
    -- The values of the account's lists (`lookups`), by name.
    lists = { type = "table" },
    -- Calls in the period of the description's rate, a minute if it has none; 0 for no limit.
    rate_limit = { type = "number", default = rate_limit, min = 0 },
    retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
    -- Objects in a partial update.
    patch_nested = { enum = { "replace", "merge" }, default = "replace" },
    -- Members of a body that the description does not have.
    unknown_fields = { enum = { "refuse", "keep" }, default = "refuse" },
    -- A field that holds another record's key (`used_by`): refused unless there is that record.
    references = { enum = { "existing", "any" }, default = "existing" },
    create_status = { enum = { 201, 200 }, default = 201 },
    -- Entries of a page where the call asks for no number, and the most.
    page_size = { type = "number", default = 50, min = 1 },
    page_max = { type = "number", default = 1000, min = 1 },
    -- The address of the next page: a whole one, a path, a query alone, or a whole one of another host.
    next_address = { enum = { "absolute", "path", "query", "elsewhere" }, default = "path" },
    -- Seconds that a token lives, and the members of the login's body by credential, where it has others.
    token_lifetime = { type = "number", default = 3600, min = 1 },
    login_names = { type = "table" },
    -- The state of orders, and the number of reads after which an open one takes effect.
    orders = { enum = { "complete", "open", "failed" }, default = "complete" },
    pending_reads = { type = "number", default = 1, min = 0 },
  }
end

-- The problem of what the options hold, or nil.
function options.problem(description, given)
  local where = "sandbox." .. description.name
  local known = {}
  for _, list in ipairs { description.credentials or {}, description.options or {} } do
    for _, described in ipairs(list) do known[described[1]] = check.any end
  end
  local function names(member, rules)
    local values = given[member]
    if values == nil or values == json.null then return nil end
    return check.options(values, rules, ("%s.%s."):format(where, member))
  end
  local seeds = {}
  for name, resource in pairs(description.resources) do
    seeds[name] = function(value)
      return records.problem_of_seeds(resource, value)
    end
  end
  return names("credentials", known) or names("records", seeds)
end

return options
