--- The options of patchbay.each.

local core = require "patchbay.core"

local each_options = {}

-- A vendor's server is busy with it, and does not take it for an attack.
each_options.CONCURRENCY = 8
local MOST_CONCURRENCY = 1000

local schema = core.schema.compile {
  type = "object",
  properties = {
    { "concurrency", type = "integer", minimum = 1, maximum = MOST_CONCURRENCY },
    { "stop_on_error", type = "boolean" },
    { "journal", type = "string", minLength = 1 },
    { "job", type = "string", minLength = 1 },
    { "sync", type = "boolean" },
    { "key" },
    { "progress" },
    { "total", type = "integer", minimum = 0 },
    { "interrupts", type = "boolean" },
  },
}

--- The options `given` to each(), checked; an empty table for nil. Raises at `level` what is wrong with them.
function each_options.check(given, level)
  if given == nil then return {} end
  if type(given) ~= "table" then
    error("each: expected a table of options, got a " .. type(given), level + 1)
  end
  if next(given) == nil then return given end
  local plain = {}
  for name, value in pairs(given) do
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then
      plain[name] = value
    else -- no JSON: those of `key` and `progress` are checked below
      plain[name] = name == "key" or name == "progress" or core.json.array {}
    end
  end
  local ok, problem = core.schema.check(schema, plain, "each")
  if not ok then
    local value = given[problem:match "^each%.([%w_]+): "]
    problem = problem:gsub("no such field", "no such option"):gsub("got a list$", "got a " .. type(value))
    -- The schema's own words are about what is sent, and nothing of this is.
    problem = problem:gsub("NaN and infinities .*", "expected a finite number, got " .. tostring(value))
    error(problem, level + 1)
  end
  if given.key ~= nil and type(given.key) ~= "function" then
    error("each.key: expected a function that names an item, got a " .. type(given.key), level + 1)
  end
  local progress = given.progress
  if progress ~= nil and type(progress) ~= "boolean" and type(progress) ~= "function" then
    error("each.progress: expected true or a function, got a " .. type(progress), level + 1)
  end
  return given
end

return each_options
