--- The secrets of a record and of its changes, which nobody must see.

local core = require "patchbay.core"
local call_error = require "patchbay.exchange.call_error"
local redact = require "patchbay.exchange.redact"

local record, json = core.record, core.json

local secrets = {}

--- The secrets that the record holds: a list of strings. They are read one by one, as another table of the
-- record may have been changed in place into an invalid value.
function secrets.held(self)
  local list = {}
  for name in pairs(record.owner(self).resource.secrets) do
    local value = self[name]
    if type(value) == "string" then list[#list + 1] = value end
  end
  return list
end

--- A method of a change's call: its body for people, with the secrets masked.
function secrets.masked_body(call)
  local masked = call.shown_payload
    or record.payload(call.record, call.key_in_body, call.merged, call.leaves, true)
  return masked and call.encode and call.encode(masked) or masked
end

--- A method of a call: the secrets of the values that it sends, and those of its record.
function secrets.of_call(call)
  -- The sent secrets may have been assigned anew since. A read sends none.
  local payload = call.payload or call.body
  local list, sent = secrets.held(call.record), payload and json.decode(payload) or {}
  for name in pairs(record.owner(call.record).resource.secrets) do
    if type(sent[name]) == "string" then list[#list + 1] = sent[name] end
  end
  return redact.of_addresses(sent, list)
end

--- A value of a response for an error's message, with the record's secrets masked.
function secrets.masked(self, collection, value)
  local function known() return secrets.held(self) end
  return call_error.describe_value(collection.context, { secrets = known }, value)
end

return secrets
