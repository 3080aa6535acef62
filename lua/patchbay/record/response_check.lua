--- Checks responses with a success status to a change: whether they are about another record, report a
-- failure, or carry another word than the documented one.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local call_error = require "patchbay.exchange.call_error"
local resource_types = require "patchbay.record.resource"
local ascii = require "patchbay.util.ascii"

local json = core.json

local response_check = {}

-- The key that a response (checked JSON text) names, or nil.
local function key_in(resource, response)
  if resource.envelope then return resource_types.read(resource, response)[resource.key] end
  local about = json.find(response, resource.key, true)
  for alias, name in pairs(resource.aliases) do
    if not about and name == resource.key then about = json.find(response, alias, true) end
  end
  local key = about and json.decode(about)
  if key ~= json.null then return key end
end

-- The message of a failure in a response that shows nothing of the record, though documented to; nil when it
-- reports none.
local function failure_in(collection, plan, response)
  local resource, context = collection.resource, collection.context
  if resource.envelope or plan.operation.answer or plan.operation.undocumented then return nil end
  local parsed = resource_types.read(resource, response)
  if resource_types.shows(resource, parsed) or not errors.has_error_member(parsed) then return nil end
  return errors.read(parsed, context.errors).message or ""
end

-- The first member that has another word than the documented one: its name, the word, and the documented one;
-- or nil.
local function unexpected_word(plan, response)
  for name, expected in pairs(plan.operation.done) do
    local found = json.find(response, name, true)
    local word = found and json.decode(found)
    local other = type(word) == "string" and ascii.lower(word) ~= ascii.lower(expected)
    if other then return name, word, expected end
  end
end

--- An error value when `response`, the body of a success of `call` by `plan`, is no success; nil when it is.
-- `key`: the record's; nil for a create.
function response_check.problem(collection, plan, call, key, response, attempts)
  local context, resource = collection.context, collection.resource
  if response == "" then return nil end
  if plan.operation.done then
    local name, word, expected = unexpected_word(plan, response)
    if name then
      return call_error.wrong_response(context, call, response, attempts,
        ("%s in the response is %s, not %q"):format(name, call_error.quote(context, call, word), expected))
    end
  end
  local about
  if key ~= nil then
    -- Nearly every response ends here.
    if not resource.envelope and json.member_is(response, resource.key, key) then return nil end
    about = key_in(resource, response)
    if about ~= nil and not resource_types.same_key(about, key) then
      return call_error.wrong_response(context, call, response, attempts,
        "the response is about another record: " .. call_error.describe_value(context, call, about))
    end
  end
  local failure = about == nil and failure_in(collection, plan, response)
  if failure then
    return call_error.wrong_response(context, call, response, attempts, "the response reports a failure"
      .. (failure ~= "" and ": " .. call_error.quote(context, call, failure) or ""))
  end
end

return response_check
