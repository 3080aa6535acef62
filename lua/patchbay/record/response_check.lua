--- Answers to a change that are no success, whatever their status: about another one than was to be changed,
-- about a failure, or with another word than that it was done.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local failures = require "patchbay.exchange.call_error"
local resources = require "patchbay.record.resource"

local json = core.json

local answers = {}

-- The key that an answer (checked JSON text) names; nil: none.
local function key_in(resource, answer)
  if resource.envelope then return resources.read(resource, answer)[resource.key] end
  local about = json.find(answer, resource.key, true)
  for alias, name in pairs(resource.aliases) do
    if not about and name == resource.key then about = json.find(answer, alias, true) end
  end
  local key = about and json.decode(about)
  if key ~= json.null then return key end
end

-- What an answer says of a failure that shows nothing of the record, though it is documented to; nil where it
-- says nothing of that kind.
local function failure_in(collection, plan, answer)
  local resource, client = collection.resource, collection.client
  if resource.envelope or plan.operation.answer or plan.operation.undocumented then return nil end
  local told = resources.read(resource, answer)
  if resources.shows(resource, told) or not errors.speaks(told) then return nil end
  return errors.read(told, client.errors).message or ""
end

-- What an answer says instead of the word that it was done; nil: nothing else.
local function other_word(plan, answer)
  for name, expected in pairs(plan.operation.done) do
    local found = json.find(answer, name, true)
    local said = found and json.decode(found)
    if type(said) == "string" and said:lower() ~= expected:lower() then return name, said, expected end
  end
end

--- An error value where `answer`, the text of a success of `call` by `plan`, is none. `key`: what was to be
-- changed; nil where it was to be made.
function answers.problem(collection, plan, call, key, answer, attempts)
  local client, resource = collection.client, collection.resource
  if answer == "" then return nil end
  if plan.operation.done then
    local name, said, expected = other_word(plan, answer)
    if name then
      return failures.unfit(client, call, answer, attempts, ("%s in the answer is %s, not %q"):format(name,
        failures.quoted(client, call, said), expected))
    end
  end
  local about
  if key ~= nil then
    -- Nearly every answer.
    if not resource.envelope and json.leads(answer, resource.key, key) then return nil end
    about = key_in(resource, answer)
    if about ~= nil and not resources.same_key(about, key) then
      return failures.unfit(client, call, answer, attempts,
        "the answer is about another one: " .. failures.told(client, call, about))
    end
  end
  local failure = about == nil and failure_in(collection, plan, answer)
  if failure then
    return failures.unfit(client, call, answer, attempts, "the answer tells of a failure"
      .. (failure ~= "" and ": " .. failures.quoted(client, call, failure) or ""))
  end
end

return answers
