--- A vendor in a table, for specs of plans: it holds what is sent, and shows it as descriptions say that
-- vendors do, in one of several manners.

local json = require("patchbay.core").json
local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local showing = {}

--- A table of the fields that a script may set in a record of `resource` (of a description), with made-up
-- values.
function showing.desired(resource)
  local numbers, fields = random.new(11), {}
  for _, field in ipairs(resource.fields) do
    if not (field.readOnly or field.refused or field.undocumented or field[1] == resource.key) then
      local value = sample.value(rules.rule(field), numbers)
      if value ~= json.null then fields[field[1]] = value end
    end
  end
  return fields
end

-- Other spellings that mean the same, see docs/errors.md.
local function respelt(field, value)
  if type(value) == "table" then
    local new = {}
    for name, member in pairs(value) do
      local inner = field.items
      for _, property in ipairs(field.properties or {}) do
        if property[1] == name then inner = property end
      end
      new[name] = respelt(inner or {}, member)
    end
    return new
  elseif type(value) == "boolean" then
    return value and "True" or "False"
  elseif type(value) == "number" then
    return ("%d"):format(value)
  elseif type(value) ~= "string" or field.secret then
    return value
  elseif field.enum then
    return value:upper()
  elseif field.format == "phone" or field.format == "e164" or field.phone then
    return (value:gsub("^(%+?%d)(%d%d%d)", "%1 (%2) "))
  elseif field.format == "uri" then
    return (value:gsub("^%a+:", string.upper):gsub("example%.com", "EXAMPLE.com"))
  end
  return "  " .. value .. " "
end

local manners = {
  plain = function(_, value) return value end,
  respelt = respelt,
  masking = function(field, value) return field.secret and "********" or value end,
  silent = function() return nil end,
}

--- The names of the manners.
showing.manners = { "plain", "respelt", "masking", "silent" }

-- The value that a response has in a field that holds `value`, or nil.
local function shown(field, value, manner)
  if field.echo == false or field.writeOnly then return nil end
  if field.echo == "empty" then return json.array {} end
  if field.echo == "other" then return tostring(value) .. "-other" end
  if field.unreliable == true then return "something else" end
  if field.unreliable == "form" then return "T9992774" end
  return manners[manner](field, value)
end

--- The response to a read of `held` (field -> value).
function showing.show(resource, held, manner)
  local answer = {}
  for _, field in ipairs(resource.fields) do
    local value = held[field[1]]
    if value ~= nil then answer[field[1]] = shown(field, value, manner) end
  end
  return answer
end

return showing
