-- Options are data: name -> { type =, default =, enum =, min = }. A misspelt one is an error, because a
-- switch that silently does nothing makes a test pass for the wrong reason.

local first_problem = require("patchbay.util.check").first
local json = require "patchbay.sandbox.json"

local options = {}

local function names(spec)
  local list = {}
  for name in pairs(spec) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, ", ")
end

local function contains(list, value)
  for _, allowed in ipairs(list) do
    if allowed == value then return true end
  end
  return false
end

local function words(list)
  local texts = {}
  for index, value in ipairs(list) do texts[index] = tostring(value) end
  return table.concat(texts, ", ")
end

-- Neither NaN nor an infinity.
function options.is_finite(value) return type(value) == "number" and value - value == 0 end

local function problem(rule, value)
  if rule.enum then
    if not contains(rule.enum, value) then return "must be one of: " .. words(rule.enum) end
  elseif type(value) ~= rule.type then
    return "must be a " .. rule.type .. ", not a " .. type(value)
  elseif rule.type == "number" and not options.is_finite(value) then
    return "must be a finite number"
  elseif rule.min and value < rule.min then
    return "must be at least " .. rule.min
  end
end

-- nil when all is well, else a sentence. null stands for an option's default.
function options.problem(spec, given, where)
  if type(given) ~= "table" then return where .. ": must be a table of options" end
  return first_problem(given, function(name, value)
    local rule = spec[name]
    if not rule then
      return ("%s: no option %q; the options are: %s"):format(where, tostring(name), names(spec))
    end
    local why = value ~= json.null and problem(rule, value)
    return why and ("%s.%s %s"):format(where, name, why)
  end)
end

-- Puts options that were checked into `target`.
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
