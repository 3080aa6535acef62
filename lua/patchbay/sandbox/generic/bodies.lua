-- Reads the body of a call as its operation describes it: JSON or a form, within an envelope of its own.

local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"

local bodies = {}

local BOOLEANS = { ["true"] = true, ["false"] = false }

-- The value that a text of a form or a query stands for, by its rule; the text itself where it stands for
-- none, which the check then refuses.
function bodies.value(rule, text)
  if rule.type == "boolean" and BOOLEANS[text] ~= nil then return BOOLEANS[text] end
  if (rule.type == "integer" or rule.type == "number") and text:find "^-?%d[%d.eE+-]*$" then
    return tonumber(text) or text
  end
  return text
end

-- The members of a form: a repeated name is a list.
local function form(text, fields)
  local by_name, body = {}, {}
  for _, rule in ipairs(fields) do by_name[rule.name] = rule end
  for _, pair in ipairs(http.pairs_of(text)) do
    local name, rule = pair[1], by_name[pair[1]] or { type = "string" }
    if rule.type == "array" then
      body[name] = body[name] or json.array {}
      table.insert(body[name], bodies.value(rule.items or { type = "string" }, pair[2]))
    elseif body[name] ~= nil then
      return nil, name .. " is given twice"
    else
      body[name] = bodies.value(rule, pair[2])
    end
  end
  return body
end

-- The members of a call's body, or nil and the problem. `operation`: { form = whether it is one, wrap = the
-- only member, or nil, rules = for check.body }.
function bodies.read(call, operation)
  if operation.form then
    if http.media_type(call) ~= "application/x-www-form-urlencoded" then
      return nil, "Content-Type must be application/x-www-form-urlencoded"
    end
    return form(call.body, operation.rules.fields)
  end
  local body, why = http.read_json(call, operation.media_type)
  if not body or not operation.wrap then return body, why end
  local inner = body[operation.wrap]
  if not json.is_object(inner) or next(body, next(body)) ~= nil then
    return nil, ("the body must be an object with the only member %q"):format(operation.wrap)
  end
  return inner
end

return bodies
