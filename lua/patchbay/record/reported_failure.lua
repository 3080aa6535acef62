--- The failure that a response of a success reports: in its envelope, in its report on the call, or as an
-- error body. Which words mean failure: see exchange/verdict.lua.

local ascii = require "patchbay.util.ascii"
local core = require "patchbay.core"
local text = require "patchbay.util.text"
local verdict = require "patchbay.exchange.verdict"

local json = core.json

local reported_failure = {}

--- Whether a decoded value is an object.
function reported_failure.is_object(value)
  return type(value) == "table" and value[1] == nil and getmetatable(value) ~= json.array_mt
end

local is_object = reported_failure.is_object

-- A response that says that the call failed. `words`: the member that says it.
local function reported(status, words)
  return { kind = "rejected", outcome = "unknown", words = words,
    message = ("the response (%d) reports a failure"):format(status) }
end

-- The code in the envelope of a response: the problem with it, or nil. `documented`: the call is described,
-- so that the member is that code. Text that is no number has no place there.
local function problem_of_code(envelope, status, value, documented)
  local shown = value[envelope.code]
  local code = verdict.code_of(shown)
  if code and code >= 400 and code <= 599 and code % 1 == 0 then return { status = math.floor(code) } end
  if code and code >= 200 and code <= 299 then return nil end
  if not code then
    local says = shown == false or type(shown) == "string" and shown ~= ""
    if not documented or not says or verdict.is_word_of_none(shown) then return nil end
    if verdict.is_failure_word(shown) then
      return reported(status, envelope.code .. " is " .. json.encode(shown))
    end
  end
  return { kind = "protocol", outcome = "unknown", words = "",
    message = ("the response (%d) has the code %s, which is not one of success"):format(status,
      code and text.of(code) or json.encode(shown)) }
end

-- Whether an object has any of the fields in `known` but for the key.
local function has_fields(object, known, key)
  for name, value in pairs(object) do
    if known[name] and known[name] ~= key and value ~= json.null then return true end
  end
  return false
end

-- The failure that members of an object, or entries of a list, report, as exchange.perform takes it; nil:
-- none. `is_field`: the set of the names that are fields there, or members of an envelope; the others are as
-- reported_failure.of takes them.
local function failure_in(context, status, object, is_field, known, key, unknown)
  local name, value, code
  if is_object(object) then name, value, code = verdict.of(object, is_field, json.null, unknown) end
  -- Beside fields, objects may be a part of the record.
  if not name and not has_fields(object, known, key) then
    name, value, code = verdict.inside(object, is_field, json.null, unknown)
  end
  if not code and is_object(object) then
    local field, shown, own = verdict.of_error_body(object, known, json.null, key ~= nil)
    if own or not name then name, value, code = field, shown, own end
  end
  if code then return { status = code, own = name == context.errors.status } end
  if name then return reported(status, name .. " is " .. json.encode(value)) end
end

local function names_of(envelope)
  local names = {}
  for _, name in pairs(envelope or {}) do names[name] = true end
  return names
end

-- The envelope of a call's responses; nil: none.
local function envelope_of(context, call)
  if call.resource then return call.resource.envelope end
  return context.envelope
end

--- The failure that an object or a list reports, also in its envelope; nil: none. `known`: the set of the
-- names of fields; `key`: that of the key, or nil. `unknown`: see verdict.of.
function reported_failure.of(call, context, status, value, known, unknown, key)
  local envelope = envelope_of(context, call)
  if not envelope or not is_object(value) then
    return failure_in(context, status, value, known, known, key, unknown)
  end
  local members, is_field = names_of(envelope), {}
  for name in pairs(known) do is_field[name] = true end
  for name in pairs(members) do is_field[name] = true end
  local data = value[envelope.data]
  local problem = problem_of_code(envelope, status, value, call.resource ~= nil)
    or failure_in(context, status, value, is_field, known, key, unknown)
  if problem or type(data) ~= "table" then return problem end
  for _, name in pairs { envelope.code, envelope.data } do is_field[name] = known[name] end
  return failure_in(context, status, data, is_field, known, key, unknown)
end

-- Members that say whether a record was deleted.
local DELETED = { deleted = true, isdeleted = true, removed = true }

--- The failure that a response to a delete, an object, reports by { deleted = false }; nil: none. `known`:
-- the set of the names of fields.
function reported_failure.of_delete(status, value, known)
  for name, said in pairs(value) do
    local says = said == false and type(name) == "string" and not known[name]
    if says and DELETED[ascii.plain_name(name)] then
      return reported(status, name .. " is false")
    end
  end
end

--- The failure that a response to a change reports for which nothing is described, or that shows nothing of
-- it; nil: none. That may be false, or text such as "Error: no such route", or an object with such a message.
function reported_failure.of_undescribed(status, value)
  if is_object(value) then
    local name, said = verdict.of_message(value, json.null)
    return name and reported(status, name .. " is " .. json.encode(said)) or nil
  end
  if value == false or verdict.is_failure_word(value) then
    return reported(status, "it is " .. json.encode(value))
  end
end

return reported_failure
