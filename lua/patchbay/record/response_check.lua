--- Whether a success is one: it has to show the fields that the vendor documents for the call, and must not
-- say that the call failed. The functions are the method `accept` of calls, see exchange.perform.

local core = require "patchbay.core"
local call_error = require "patchbay.exchange.call_error"
local keys = require "patchbay.record.key"
local readings = require "patchbay.record.reading"
local reported_failure = require "patchbay.record.reported_failure"
local text = require "patchbay.util.text"
local verdict = require "patchbay.exchange.verdict"
local ascii = require "patchbay.util.ascii"

local json, record = core.json, core.record
local is_object = reported_failure.is_object

local response_check = {}

--- Stands for a response that confirms a change and shows nothing of the record.
response_check.DONE = {}

--- Stands for a response that plainly confirms an update and shows nothing of the record, so that it need not
-- be decoded. One that plainly shows the values that were sent stands for itself, as text.
response_check.CONFIRMED = {}

-- A response that cannot be relied on, so that nothing is known of the change.
local function wrong_response(message)
  return nil, { kind = "protocol", outcome = "unknown", message = message }
end

local function empty(status) return wrong_response(("the response (%d) is empty"):format(status)) end

local function no_object(status)
  return wrong_response(("the response (%d) is not a JSON object"):format(status))
end

-- A response with nothing in it that the vendor documents for the call.
local function undocumented(status)
  return nil, { kind = "protocol", outcome = "unknown", words = "",
    message = ("the response (%d) shows nothing that the vendor documents"):format(status) }
end

-- The response decoded, and a set of its inexact strings; nil where it is empty; or false and the problem.
local function decoded(status, body)
  body = text.without_mark(body)
  if status == 204 or body == "" then return nil end
  local value, inexact = json.decode(body, true)
  if value == nil then
    local what = inexact.kind == "too_large" and "too large" or "not JSON"
    return false, { kind = inexact.kind, outcome = "unknown",
      message = ("the response (%d) is %s: %s"):format(status, what, inexact.message) }
  end
  return { value = value, inexact = inexact }
end

-- The receipt for the script: the members of the envelope beside the data.
local function receipt_of(envelope, status, value)
  if not envelope then return nil end
  local data = value[envelope.data]
  return {
    status = status, request_id = value[envelope.request_id], timestamp = value[envelope.timestamp],
    message = type(data) == "table" and data[envelope.message] or value[envelope.message],
  }
end

-- Whether a response without the record is one that the vendor documents as a confirmation.
local function confirms(envelope, operation, value)
  local member = operation.confirmed_by
  if not member and operation.answer == "acknowledgement" and envelope then member = envelope.code end
  local code = member and tonumber(value[member])
  return code ~= nil and code >= 200 and code <= 299
end

-- The problem of a response that is about another record; nil: it is not.
local function problem_of_key(context, call, reading)
  local resource, shown = call.resource, reading.fields[call.resource.key]
  if call.key == nil or shown == nil or shown == json.null or shown == ""
    or keys.same(resource, shown, call.key) then
    return nil
  end
  local _, problem = wrong_response("the response is about another record: "
    .. call_error.describe_value(context, call, shown))
  return problem
end

-- The object that a response is, read and searched for a reported failure; its receipt. Or nil and
-- the problem. `schema`: replaces the resource's.
local function read_object(call, context, status, got, body, schema)
  local value, resource = got.value, call.resource
  if not is_object(value) then return no_object(status) end
  local problem = reported_failure.of(call, context, status, value, resource.known, false, resource.key)
  if problem then return nil, problem end
  local envelope = resource.envelope
  local receipt, confirmed = receipt_of(envelope, status, value), confirms(envelope, call.operation, value)
  local reading = readings.of(resource, value, got.inexact, schema)
  reading.body, reading.status, reading.confirmed = body, status, confirmed
  problem = problem_of_key(context, call, reading)
  if problem then return nil, problem end
  return reading, receipt
end

-- DONE, of a response that is no object where none is described; or nil and the problem.
local function done_unless_failed(call, context, status, value)
  local problem = type(value) == "table" and reported_failure.of(call, context, status, value, {})
    or reported_failure.of_undescribed(status, value)
  if problem then return nil, problem end
  return response_check.DONE
end

-- The failure that a message reports in a response, an object, to a call for which nothing is described; nil:
-- none, also where an envelope reports the result of the call.
local function problem_of_message(call, status, value)
  local envelope = call.resource.envelope
  if not (envelope and value[envelope.code]) then return reported_failure.of_undescribed(status, value) end
end

-- The closer look at a response of an update or a replace.
local function changed(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  local free = call.operation.answer == "undocumented"
  if not got then
    if free then return response_check.DONE end
    return empty(status)
  end
  if free and not is_object(got.value) then return done_unless_failed(call, context, status, got.value) end
  local failed = free and problem_of_message(call, status, got.value)
  local reading, receipt = read_object(call, context, status, got, body)
  if not reading then return nil, receipt end
  local shows = readings.shows(call.resource, reading.fields)
  if not (shows or reading.confirmed or free) then
    return undocumented(status)
  end
  if not shows and failed then return nil, failed end
  if not shows or call.operation.answer == "acknowledgement" then return response_check.DONE, receipt end
  return reading, receipt
end

-- The value that stands for a response that plainly says that the update was made, or nil where that is not
-- plain; and the receipt.
local function plainly_changed(call, status, body)
  local payload = call.payload or call.body
  local plain, shows, receipt = record.accept(call.record, body, call.leaves, payload, call.watch, status)
  if plain then return shows and body or response_check.CONFIRMED, receipt end
end

--- Of an update or a replace: a reading or DONE; of an update also the response's text or CONFIRMED; and a
-- receipt.
function response_check.changed(call, context, status, body)
  -- Nearly every response ends here. `waits`: it is a read that will count.
  if call.watch and not call.waits then
    local plain, receipt = plainly_changed(call, status, body)
    if plain then return plain, receipt end
  end
  return changed(call, context, status, body)
end

--- Of a create: a reading, which need not show anything, and a receipt.
function response_check.created(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  return read_object(call, context, status, got or { value = {} }, body, call.resource.create_schema)
end

--- Of a read: a reading, and a receipt.
function response_check.one(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  if not got then return empty(status) end
  local reading, receipt = read_object(call, context, status, got, body)
  if reading and not readings.shows(call.resource, reading.fields) then
    return wrong_response "the response shows none of the record's fields"
  end
  return reading, receipt
end

-- The word of a response that differs from the documented one, for an operation with `done`: nil where it is
-- that word; else false, or the word and the expected one.
local function other_word(operation, reading)
  for name, expected in pairs(operation.done) do
    local said = reading.fields[name]
    if type(said) == "string" and said ~= "" then
      if ascii.lower(said) == ascii.lower(expected) then return nil end
      return name, said, expected
    end
  end
  return false
end

--- Of a delete: DONE.
function response_check.deleted(call, context, status, body)
  local operation = call.operation
  local got, problem = decoded(status, body)
  local free = operation.undocumented or not operation.done
  if got == false then return nil, problem end
  if not got then
    if free then return response_check.DONE end
    return empty(status)
  end
  if free and not is_object(got.value) then return done_unless_failed(call, context, status, got.value) end
  if not is_object(got.value) then return no_object(status) end
  problem = reported_failure.of_delete(status, got.value, call.resource.known)
  if problem then return nil, problem end
  local failed = free and problem_of_message(call, status, got.value)
  local reading, receipt = read_object(call, context, status, got, body)
  if not reading then return nil, receipt end
  if failed and not readings.shows(call.resource, reading.fields) then return nil, failed end
  if operation.done then
    local name, said, expected = other_word(operation, reading)
    if name then
      return nil, { kind = verdict.is_failure_word(said) and "rejected" or "protocol", outcome = "unknown",
        message = ("%s in the response is %s, not %q"):format(name, call_error.quote(context, call, said),
          expected) }
    elseif name == false and not readings.shows(call.resource, reading.fields) and not free then
      return undocumented(status)
    end
  end
  return response_check.DONE, receipt
end

-- Whether a page of a list has entries, at this depth of objects at most.
local function has_entries(value, depth)
  if value[1] ~= nil then return true end
  for _, member in pairs(value) do
    if type(member) == "table" and depth > 0 and has_entries(member, depth - 1) then return true end
  end
  return false
end

-- Entries lie so deep: { data = { routes = { … } } }.
local DEEPEST_LIST = 3

--- Of a page of a list: { value =, inexact = }, decoded; without a value where it is empty.
function response_check.page(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  if not got then return {} end
  if not is_object(got.value) then
    if not call.any_list then return no_object(status) end
    return got
  end
  -- Beside entries a status may be the one that they were asked for by.
  problem = reported_failure.of(call, context, status, got.value, call.known or {},
    has_entries(got.value, DEEPEST_LIST))
  if problem then return nil, problem end
  return got
end

--- Of any call: { value = } with the decoded value; without one where the response is empty.
function response_check.any(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  if not got then return {} end
  if type(got.value) == "table" then
    problem = reported_failure.of(call, context, status, got.value, {}, not call.writes)
  end
  if not problem and call.writes then problem = reported_failure.of_undescribed(status, got.value) end
  if problem then return nil, problem end
  return got
end

--- Of a login: its text, which is checked.
function response_check.login(call, context, status, body)
  local got, problem = decoded(status, body)
  if got == false then return nil, problem end
  if not got then return empty(status) end
  if not is_object(got.value) then return no_object(status) end
  problem = reported_failure.of(call, context, status, got.value, call.known)
  if problem then return nil, problem end
  return text.without_mark(body)
end

return response_check
