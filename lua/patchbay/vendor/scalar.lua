--- Checks the texts, numbers and booleans of a description by a rule of vendor/language.lua.

local core = require "patchbay.core"
local addresses = require "patchbay.client.addresses"
local faults = require "patchbay.vendor.faults"
local rates = require "patchbay.exchange.rate"

local scalar = {}

-- Keywords of the rules that the core checks.
local CHECKED = { "type", "enum", "format", "pattern", "minLength", "maxLength", "minimum", "maximum",
  "expected" }

-- Rules -> schema.
local schemas = setmetatable({}, { __mode = "k" })

local function schema_of(rules)
  if not schemas[rules] then
    local checked = {}
    for _, keyword in ipairs(CHECKED) do checked[keyword] = rules[keyword] end
    schemas[rules] = core.schema.compile(checked)
  end
  return schemas[rules]
end

-- The problem with a text that people read, or that names something; nil: none.
local function invisible_in(value)
  local control = value:find "[%z\1-\31\127]"
  if control then
    return ("control characters cannot stand in it (byte %d is 0x%02X)"):format(control, value:byte(control))
  end
  local invisible = core.text.invisible(value)
  if invisible then return ("it contains U+%04X, a character that cannot be seen"):format(invisible) end
end

-- A text for people on one line: it is a list's entry, a comment in a file of types, a line in a terminal.
local function on_one_line(value) return (value:gsub("[ \t-\r]+", " "):gsub("^ ", ""):gsub(" $", "")) end

local function rate_problem(value)
  local rate, problem = rates.parse(value)
  return not rate and problem or nil
end

-- The problem with a valid UTF-8 text that the core does not know; nil: none.
local function problem_of_text(value, rules)
  if rules.address then
    local root, problem = addresses.root(value, true)
    return not root and problem or nil
  elseif rules.rate then
    return rate_problem(value)
  elseif rules.visible or rules.prose or rules.pattern then
    return invisible_in(value)
  end
end

-- An address may hold a password, and is quoted after that alone has been ruled out.
local function hidden(value, rules)
  return rules.address and type(value) == "string" and addresses.hidden_in(value)
end

--- The value, a text for people on one line; or nil and the problem with it.
function scalar.read(value, rules)
  local problem = hidden(value, rules)
  if problem then return nil, problem end
  if rules.const ~= nil then
    if value == rules.const then return value end
    return nil, ("expected %s, got %s"):format(tostring(rules.const), faults.got(value))
  end
  if value == core.json.null then
    return nil, "null is no value of a keyword; leave it out"
  end
  if rules.prose and type(value) == "string" then value = on_one_line(value) end
  local ok, message = core.schema.check(schema_of(rules), value, "x")
  if not ok then
    if rules.quoted == false and type(value) == "string" then return nil, "expected " .. rules.expected end
    return nil, (message:gsub("^x: ", ""))
  end
  if type(value) == "string" then
    problem = problem_of_text(value, rules)
  elseif rules.rate then
    problem = rate_problem(value)
  end
  if problem then return nil, problem end
  return value
end

return scalar
