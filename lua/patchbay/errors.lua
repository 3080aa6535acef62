--- The error values that calls return for failures of the vendor and the network.
-- Mistakes in a script are no error values: they raise, at the script's line.

local ascii = require "patchbay.util.ascii"
local copy = require "patchbay.util.copy"
local value_at = require "patchbay.util.value_at"

local errors = {}

local Error = {}
Error.__index = Error
Error.__tostring = function(self) return self.message end
Error.__name = "patchbay.error"

--- The kinds and their meanings.
errors.kinds = {
  invalid = "the vendor refused the request as invalid",
  unauthorized = "the credentials or the token were refused",
  forbidden = "the credentials do not allow this",
  not_found = "it does not exist, or belongs to another account",
  conflict = "conflicts with the current state",
  rejected = "the vendor accepted the request, and then refused the change",
  differs = "the response shows another value than was sent",
  incomplete = "a needed value is not known",
  pending = "accepted, but not visible yet",
  rate_limited = "too many requests",
  timeout = "it took too long",
  unavailable = "the vendor is unavailable",
  network = "the connection failed",
  tls = "the secure connection failed",
  protocol = "the response could not be understood",
  too_large = "the response or the request is too large",
  unsupported = "the vendor documents no such call",
}

local by_status = {
  [400] = "invalid", [401] = "unauthorized", [402] = "rejected", [403] = "forbidden", [404] = "not_found",
  [405] = "unsupported", [407] = "unauthorized", [408] = "timeout", [409] = "conflict", [410] = "not_found",
  [412] = "conflict",
  [413] = "too_large", [415] = "invalid", [422] = "invalid", [423] = "conflict", [429] = "rate_limited",
  [504] = "timeout",
}

--- The kind of an HTTP status (integer).
function errors.kind_of_status(status)
  if by_status[status] then return by_status[status] end
  if status >= 500 then return "unavailable" end
  if status >= 400 then return "rejected" end
  return "protocol"
end

-- A gateway answers with these, too, also after it has passed the request on.
local of_gateways = { [408] = true, [503] = true }

--- Whether a status is the vendor's own word only where its error body says so.
function errors.needs_own_word(status) return of_gateways[status] or false end

--- The outcome of a change, from the HTTP status (integer) of a failed response. `own`: the body is one of
-- the vendor's own errors.
function errors.outcome_of_status(status, own)
  if of_gateways[status] then return own and "refused" or "unknown" end
  if status == 303 then return "unknown" end -- See Other: applied, and the result is elsewhere
  if status >= 500 or status < 300 then return "unknown" end
  return "refused"
end

--- Vendor and network failures come back as `nil, err`. The second value is an error only if the first is
--- nil.
---@class patchbay.Error
--- One of the kinds below.
--- When: always.
---@field kind patchbay.ErrorKind string
--- One sentence that begins with vendor, call and key; `tostring(err)` returns it.
--- When: always.
---@field message string string
--- Whether the change may have been applied, see below.
--- When: always.
---@field outcome "not_sent"|"refused"|"unknown" string
--- The HTTP status, or the one that the body of a 2xx gives (`StatusCode`, `code`).
--- When: a response arrived.
---@field status? integer integer
--- `{ field =, sent =, read = }` of each field that shows another value, secrets masked; a field within an
--- object by its path, `"a.b"`.
--- When: `differs`.
---@field differs? {field: string, sent: any, read: any}[] list
--- `{ field =, from =, to =, read = }`: the known, the assigned and the vendor's value of each field that
--- somebody else has changed, secrets masked.
--- When: `conflict` and `pending`, of `update { if_unchanged = true }`.
---@field conflicts? {field: string, from: any, to: any, read: any}[] list
--- The new record: the fields that the response shows, with the differing fields assigned over them.
--- When: `differs`, of `create`.
---@field record? table record
--- The client's option that allows the call, if there is one.
--- When: `unsupported`.
---@field option? string string
--- All its faults: `{ path =, message =, line = }`.
--- When: `invalid`, of a [desired state](desired-state.md#what-is-checked).
---@field faults? {path: string, message: string, line?: integer}[] list
--- The [brakes](desired-state.md#brakes) that refuse the plan: `{ option =, message = }`.
--- When: `invalid`, of an apply.
---@field brakes? {option: string, message: string}[] list
--- The vendor's own error code, or the status word of a failed order.
--- When: the vendor gave one.
---@field code? string|integer string
--- The field with the wrong value.
--- When: known.
---@field field? string string
--- The fields whose values are not known.
--- When: `incomplete`.
---@field missing? string[] list of strings
--- An id to quote to the vendor's support.
--- When: the vendor gave one.
---@field request_id? string string
--- Seconds to wait, from `Retry-After` in any of its [forms](#pauses).
--- When: the vendor gave it.
---@field retry_after? number number
--- How many requests were sent, including the last one.
--- When: a request was sent.
---@field attempts? integer integer
--- The body of the vendor's response, secrets masked; a longer body is cut to its first 8 KiB and `…`.
--- When: a response arrived.
---@field body? string string

--- An error value with the given fields.
function errors.new(fields)
  assert(errors.kinds[fields.kind], fields.kind)
  return setmetatable(fields, Error)
end

--- A copy of an error value.
function errors.copy(err)
  return errors.new(copy(err))
end

--- Whether `value` is an error value.
function errors.is(value)
  return type(value) == "table" and getmetatable(value) == Error
end

-- The member `name` of an object, in whatever spelling; of several the exact one, else the first by name.
local function member_named(object, name)
  if object[name] ~= nil then return object[name] end
  local wanted, found = ascii.plain_name(name), nil
  for other in pairs(object) do
    if type(other) == "string" and ascii.plain_name(other) == wanted and (not found or other < found) then
      found = other
    end
  end
  return object[found or name]
end

local function member(body, path) return value_at(body, path, member_named) end

-- Appends to `found` the values at `path` in `value`, where "errors[].detail" goes through the list
-- `errors`. `entry`: the entry of a list that it was reached through, or nil.
local function gather(value, path, found, entry)
  local list, rest = path:match "^(.-)%[%]%.?(.*)$"
  if not list then
    found[#found + 1] = { value = path == "" and value or member(value, path), entry = entry }
    return
  end
  local entries = list == "" and value or member(value, list)
  if type(entries) ~= "table" then return end
  for _, inner in ipairs(entries) do gather(inner, rest, found, type(inner) == "table" and inner or nil) end
end

-- Members in which vendors speak of an error, likeliest first.
local SPEAKING = { "message", "error_message", "errormsg", "errmsg", "msg", "error_description", "detail",
  "details", "error", "errors", "title", "reason", "fault" }

-- Members that name the field a complaint is about.
local NAMING = { "field", "property", "param", "parameter", "attribute", "path", "name" }

-- So deep a complaint may lie in others.
local DEEPEST = 4

-- Where a complaint is: { loc = { "body", "a", "b" } } and { field = "a.b" } are "a.b".
local function place_of(complaint)
  local loc = complaint.loc
  if type(loc) == "table" then
    local names = {}
    for i = 1, #loc do
      if not (i == 1 and loc[i] == "body") then names[#names + 1] = tostring(loc[i]) end
    end
    if loc[1] ~= nil then return names[1] and table.concat(names, ".") or nil, true end
  end
  for _, name in ipairs(NAMING) do
    local place = member_named(complaint, name)
    if type(place) == "string" and place ~= "" then return place end
  end
end

local text_of

-- The words of an object, and the field it names. A whole body names none itself: its `path` is the call's.
local function words_of(object, depth, whole)
  for _, name in ipairs(SPEAKING) do
    local said, field = text_of(member_named(object, name), depth - 1)
    if said then
      local place, by_loc = nil, nil
      if not whole then place, by_loc = place_of(object) end
      if by_loc then
        local where = {}
        for i = 1, #object.loc do where[i] = tostring(object.loc[i]) end
        said = table.concat(where, ".") .. ": " .. said
      elseif place and not said:find(place, 1, true) then
        said = place .. ": " .. said
      end
      return said, place or field
    end
  end
end

-- The text that a value says, and the field that it names first: a text, an object with a text in it, or a
-- list of either. `whole`: it is a whole body.
function text_of(value, depth, whole)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "table" or depth == 0 then return nil end
  if value[1] == nil then return words_of(value, depth, whole) end
  local parts, first = {}, nil
  for i = 1, #value do
    local said, field = text_of(value[i], depth - 1)
    if said then
      parts[#parts + 1] = said
      first = first or field
    end
  end
  return parts[1] and table.concat(parts, "; ") or nil, first
end

-- The first field that a table of field -> complaints names, and the complaints, by name.
local function read_fields(complaints)
  if type(complaints) ~= "table" then return nil end
  if complaints[1] ~= nil then
    local said, field = text_of(complaints, DEEPEST)
    return field, said
  end
  local names, parts = {}, {}
  for name in pairs(complaints) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local said = text_of(complaints[name], DEEPEST)
    if said then parts[#parts + 1] = said end
  end
  local first = parts[1] and names[1]:gsub("^%$%.?", "")
  return first, parts[1] and table.concat(parts, "; ") or nil
end

-- The field that an entry of a list of errors is about: as place_of, or by a JSON pointer
-- (https://jsonapi.org/format/#error-objects).
local function place_of_entry(entry)
  local source = entry.source
  local pointer = type(source) == "table" and source.pointer
  if type(pointer) == "string" and pointer:find "^/." then return (pointer:sub(2):gsub("/", ".")) end
  return (place_of(entry))
end

-- Sets the message of `said` to the texts at a path that goes through lists; its field and code to those of
-- the first.
local function read_listed(said, body, path)
  local found, parts = {}, {}
  gather(body, path, found)
  for _, one in ipairs(found) do
    local text, named = text_of(one.value, DEEPEST)
    if text then
      parts[#parts + 1] = text
      local entry = one.entry
      said.field = said.field or named or entry and place_of_entry(entry)
      if entry and type(entry.code) == "string" then said.code = said.code or entry.code end
    end
  end
  said.message = parts[1] and table.concat(parts, "; ") or nil
end

--- Reads the facts of an error body, whatever its shape. `body` is a decoded JSON value (any), `shape`
-- the `errors` of a description. Returns a table with `message`, `field`, `code`, `request_id`, each
-- a string or absent.
function errors.read(body, shape)
  local said = {}
  if type(body) == "string" then said.message = text_of(body, DEEPEST) end
  if type(body) ~= "table" then return said end
  for _, path in ipairs(shape.message or {}) do
    if not said.message and path:find("[]", 1, true) then read_listed(said, body, path) end
  end
  for _, paths in ipairs { shape.fields or {}, { "errors" } } do
    for _, path in ipairs(paths) do
      if not said.message then said.field, said.message = read_fields(member(body, path)) end
    end
  end
  for _, path in ipairs(shape.message or {}) do
    if said.message then break end
    if not path:find("[]", 1, true) then said.message, said.field = text_of(member(body, path), DEEPEST) end
  end
  if not said.message then said.message, said.field = text_of(body, DEEPEST, true) end
  for _, path in ipairs(shape.request_id or {}) do
    local id = member(body, path)
    if type(id) == "string" then
      said.request_id = id
      break
    end
  end
  for _, name in ipairs { "code", "error_code" } do
    local code = member_named(body, name)
    if type(code) == "string" and not said.code then said.code = code end
  end
  return said
end

return errors
