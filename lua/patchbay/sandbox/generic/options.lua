-- The options of a described vendor in the sandbox: choices that its description leaves open, and the
-- account's data.

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

---@class patchbay.DescribedSandboxOptions
--- The records at first, by collection: a list of them (with the names of parents, where it has some), or how
--- many are made up.
--- Default: 3 of each.
---@field records? table<string, table|integer> table
--- By name, as the client takes them; those that are missing are made up, see `sandbox.credentials`.
---@field credentials? table<string, string> table
--- The values of the account's lists (`lookups`), by name.
---@field lists? table<string, table> table
--- Calls in the period of the description's `rate`, a minute if it has none; 0 for no limit.
--- Default: the description's.
---@field rate_limit? number number
--- The form in which a 429 says when to retry.
--- Default: `"none"`.
---@field retry_after? "none"|"seconds"|"date"
--- An update replaces an object in a record, or is merged into it.
--- Default: `"replace"`.
---@field patch_nested? "replace"|"merge"
--- Members of a body that the description does not have.
--- Default: `"refuse"`.
---@field unknown_fields? "refuse"|"keep"
--- Keys of other records (`used_by`) in a body: existing ones alone, or any.
--- Default: `"existing"`.
---@field references? "existing"|"any"
--- The status of a create.
--- Default: 201.
---@field create_status? 201|200 201 or 200
--- Entries of a page where the call asks for no number.
--- Default: 50.
---@field page_size? integer
--- The most entries of a page.
--- Default: 1000.
---@field page_max? integer
--- The address of the next page: a whole one, a path, a query alone, or a whole one of another host.
--- Default: `"path"`.
---@field next_address? "absolute"|"path"|"query"|"elsewhere"
--- The time that a token lives.
--- Default: 3600.
---@field token_lifetime? number seconds
--- The members of the login's body by credential, where it has others.
---@field login_names? table<string, string> table
--- The state that orders come to.
--- Default: `"complete"`.
---@field orders? "complete"|"open"|"failed"
--- The number of reads after which an open order takes effect.
--- Default: 1.
---@field pending_reads? integer

-- See options.lua of the sandbox. `rate_limit`: the default of that option.
function options.of(rate_limit)
  return {
    records = { type = "table" },
    credentials = { type = "table" },
    lists = { type = "table" },
    rate_limit = { type = "number", default = rate_limit, min = 0 },
    retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
    patch_nested = { enum = { "replace", "merge" }, default = "replace" },
    unknown_fields = { enum = { "refuse", "keep" }, default = "refuse" },
    references = { enum = { "existing", "any" }, default = "existing" },
    create_status = { enum = { 201, 200 }, default = 201 },
    page_size = { type = "number", default = 50, min = 1 },
    page_max = { type = "number", default = 1000, min = 1 },
    next_address = { enum = { "absolute", "path", "query", "elsewhere" }, default = "path" },
    token_lifetime = { type = "number", default = 3600, min = 1 },
    login_names = { type = "table" },
    orders = { enum = { "complete", "open", "failed" }, default = "complete" },
    pending_reads = { type = "number", default = 1, min = 0 },
  }
end

-- The problem with the values of the options, or nil.
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
