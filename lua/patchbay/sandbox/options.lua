-- Options are data: name -> { type =, default =, enum =, min = }. A misspelt name is an error, because a
-- switch that silently does nothing makes a test pass for the wrong reason.

local check = require "patchbay.util.check"
local json = require "patchbay.sandbox.json"

local options = {}

-- The rule (see util/check.lua) of an option's data.
local function rule_of(data)
  if data.enum then return check.one_of(data.enum) end
  if data.type == "number" then return check.number(data.min) end
  return check.type(data.type)
end

--- The problem of options, or nil. null stands for an option's default.
function options.problem(spec, given, where)
  if type(given) ~= "table" then return where .. ": expected a table of options, got a " .. type(given) end
  local rules = {}
  for name, data in pairs(spec) do
    local rule = rule_of(data)
    rules[name] = function(value)
      if value ~= json.null then return rule(value) end
    end
  end
  return check.options(given, rules, where .. ".")
end

-- Copies checked options into `target`.
function options.set(spec, target, given)
  for name, value in pairs(given) do
    if value == json.null then value = spec[name].default end
    target[name] = value
  end
end

function options.defaults(spec)
  local values = {}
  for name, rule in pairs(spec) do values[name] = rule.default end
  return values
end

return options
