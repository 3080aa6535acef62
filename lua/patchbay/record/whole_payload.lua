--- The rules that an operation has for its payload as a whole (`payload` in a description), such as fields
-- that are valid together alone. Each field by itself was checked when it was assigned.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local fields = require "patchbay.record.fields"
local holds_secret = require "patchbay.util.holds_secret"
local payload_rules = require "patchbay.util.payload_rules"

local whole_payload = {}

-- The payload in the messages of the core.
local ROOT = "payload"

-- Appends the branches that are no unions: { schema = compiled, names = the set of their members }. `seen`:
-- those that are in the list.
local function add_branches(list, rules, lenient, seen)
  if seen[rules] then return list end
  seen[rules] = true
  local union = payload_rules.keyword(rules)
  for _, branch in ipairs(union and rules[union] or {}) do add_branches(list, branch, lenient, seen) end
  if union then return list end
  local names = {}
  for _, property in ipairs(rules.properties or {}) do names[property[1]] = true end
  list[#list + 1] = { schema = core.schema.compile(rules, lenient, "whole"), names = names }
  return list
end

--- The rules of the operation `name` of `resource`, compiled; nil where it has none. A table:
--   schema    all rules. A union with a secret in it does not say why a value is not valid
--   public    the same without the rules of fields that are or hold secrets, so that it says why
--   known     the set of the fields to which the rules apply
--   branches  see add_branches; of a full update alone
function whole_payload.compiled(resource, name, context)
  local description = resource.description
  if not description.operations[name].payload then return nil end
  local secrets, lenient = {}, context.allows()
  for _, field in ipairs(description.fields) do secrets[field[1]] = holds_secret(field, true) end
  local function with_members(change)
    return payload_rules.of(description, name, function(properties)
      local list = {}
      for i, property in ipairs(fields.for_client(description, resource.name, context, properties)) do
        list[i] = (secrets[property[1]] or holds_secret(property, true)) and change(property) or property
      end
      return list
    end)
  end
  local rules, known = with_members(function(property)
    local secret = core.schema.copy(property)
    secret.secret = true
    return secret
  end)
  local public = with_members(function(property) return { property[1] } end)
  return { schema = core.schema.compile(rules, lenient, "whole"), known = known,
    branches = name == "replace" and add_branches({}, rules, lenient, {}) or nil,
    public = core.schema.compile(public, lenient, "whole") }
end

-- The members of a payload that the rules are for: none knows those that the option `undocumented` lets pass.
local function known_values(plan, body)
  local values, known = core.json.decode(body), plan.whole.known
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

--- Why a payload breaks the rules of the operation that `plan` is for, and the field or nil; nil: it obeys
-- them.
function whole_payload.broken(plan, body)
  local whole, values = plan.whole, known_values(plan, body)
  local good, message = core.schema.check(whole.public, values, ROOT)
  if good then good, message = core.schema.check(whole.schema, values, ROOT) end
  if good then return nil end
  local words, field = words_of(message)
  return "its fields are not valid together: " .. words, field
end

--- The error value of such a payload, of kind "invalid", or nil. `subject`: the call and its record, as
-- messages name them.
function whole_payload.problem(plan, subject, body)
  local why, field = whole_payload.broken(plan, body)
  return why and errors.new { kind = "invalid", outcome = "not_sent", field = field,
    message = ("%s: %s"):format(subject, why) }
end

-- The values that a branch has among `values`, and their number; nil where it lacks an assigned one.
local function values_of(branch, values, assigned)
  local own, count = {}, 0
  for name, value in pairs(values) do
    if branch.names[name] then
      own[name], count = value, count + 1
    elseif assigned[name] ~= nil then
      return nil
    end
  end
  return own, count
end

--- The fields of a full update's payload that belong to other kinds of records than the `assigned` ones (a
-- table) do: a set, without which it is valid. nil where it is valid with them, or nothing makes it so.
function whole_payload.others(plan, body, assigned)
  local values, best, most = known_values(plan, body), nil, -1
  if core.schema.check(plan.whole.schema, values, ROOT) then return nil end
  for _, branch in ipairs(plan.whole.branches) do
    local own, count = values_of(branch, values, assigned)
    if own and count > most and core.schema.check(plan.whole.schema, own, ROOT) then
      best, most = branch, count
    end
  end
  if not best then return nil end
  local set = {}
  for name in pairs(values) do set[name] = not best.names[name] or nil end
  return set
end

--- The set of the fields that may stand beside those of a full update's payload that obeys the rules.
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
