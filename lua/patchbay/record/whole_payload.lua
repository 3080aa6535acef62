--- The rules that an operation has for its payload as a whole (`payload` in a description), such as fields
-- that are valid together alone. Each field by itself was checked when it was assigned.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local holds_secret = require "patchbay.util.holds_secret"

local whole_payload = {}

-- The payload in the messages of the core.
local ROOT = "payload"

local function keyword_of(rules) return rules.oneOf and "oneOf" or rules.anyOf and "anyOf" end

-- The rules, with `change(property)` in the place of each member. `made`: the copies that have been made, as
-- rules stand in several places.
local function with_properties(rules, change, made)
  if made[rules] then return made[rules] end
  local changed, union = core.schema.copy(rules), keyword_of(rules)
  made[rules] = changed
  if union then
    changed[union] = {}
    for i, branch in ipairs(rules[union]) do changed[union][i] = with_properties(branch, change, made) end
  elseif rules.properties then
    changed.properties = {}
    for i, property in ipairs(rules.properties) do changed.properties[i] = change(property) end
  end
  return changed
end

-- Appends the branches that are no unions: { schema = compiled, names = the set of their members }. `seen`:
-- those that are in the list.
local function add_branches(list, rules, lenient, seen)
  if seen[rules] then return list end
  seen[rules] = true
  local union = keyword_of(rules)
  for _, branch in ipairs(union and rules[union] or {}) do add_branches(list, branch, lenient, seen) end
  if union then return list end
  local names = {}
  for _, property in ipairs(rules.properties or {}) do names[property[1]] = true end
  list[#list + 1] = { schema = core.schema.compile(rules, lenient), names = names }
  return list
end

--- The rules of an operation of `resource`, compiled: { schema =, branches =, public = the schema in which
-- fields with secrets have no rules }; nil where it has none. A union with a secret in it does not say why a
-- value is not valid; that of the public schema does. `lenient`: the client's option `undocumented`, as
-- core.schema.compile takes it.
function whole_payload.compiled(operation, resource, lenient)
  if not operation.payload then return nil end
  local secrets = {}
  for _, field in ipairs(resource.description.fields) do secrets[field[1]] = holds_secret(field, true) end
  local function is_secret(property) return secrets[property[1]] or holds_secret(property, true) end
  local rules = with_properties(operation.payload, function(property)
    if not is_secret(property) then return property end
    local secret = core.schema.copy(property)
    secret.secret = true
    return secret
  end, {})
  local public = with_properties(operation.payload, function(property)
    return is_secret(property) and { property[1] } or property
  end, {})
  return { schema = core.schema.compile(rules, lenient), branches = add_branches({}, rules, lenient, {}),
    public = core.schema.compile(public, lenient) }
end

-- The members of a payload that rules know: none knows those that the option `undocumented` lets pass.
local function known_values(plan, body)
  local values, known = core.json.decode(body), plan.resource.known
  for _, name in ipairs(check.names(values)) do
    if not known[name] then values[name] = nil end
  end
  return values
end

-- The core's message, about fields of a record.
local function words_of(message)
  local stranger = message:match "^payload%.([^.:%[]+): no such field"
  if stranger then
    return ("%s does not go with the others; take it out, or change those"):format(stranger), stranger
  end
  return (message:gsub("^payload: ", ""):gsub("^payload%.", "")), message:match "^payload%.([^.:%[]+)"
end

--- The error value, of kind "invalid", of a payload that breaks the rules of the operation that `plan` is
-- for; nil: it obeys them. `subject`: the call and its record, as messages name them.
function whole_payload.problem(plan, subject, body)
  local whole, values = plan.whole, known_values(plan, body)
  local good, message = core.schema.check(whole.public, values, ROOT)
  if good then good, message = core.schema.check(whole.schema, values, ROOT) end
  if good then return nil end
  local words, field = words_of(message)
  return errors.new { kind = "invalid", outcome = "not_sent", field = field,
    message = ("%s: its fields are not valid together: %s"):format(subject, words) }
end

--- The set of the fields that may stand beside those of a payload that obeys the rules.
function whole_payload.companions(plan, body)
  local values, set = known_values(plan, body), {}
  for _, branch in ipairs(plan.whole.branches) do
    if core.schema.check(branch.schema, values, ROOT) then
      for name in pairs(branch.names) do set[name] = true end
    end
  end
  return set
end

return whole_payload
