--- The error values that calls return for failures of the vendor and the network.
--
-- An error is a table: `kind`, `message` and `outcome` always, the rest where known (`status`, `code`,
-- `field`, `request_id`, `retry_after`, `attempts`, `body`, `missing`). tostring gives the message. Mistakes
-- in a script are no error values: they raise, at the script's line.

local ascii = require "patchbay.util.ascii"

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
  [405] = "unsupported", [408] = "timeout", [409] = "conflict", [410] = "not_found", [412] = "conflict",
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

--- The outcome of a change, from the HTTP status (integer) of a failed response.
function errors.outcome_of_status(status)
  if status == 503 then return "refused" end
  if status == 303 then return "unknown" end -- See Other: applied, and the result is elsewhere
  if status >= 500 or status < 300 then return "unknown" end
  return "refused"
end

--- An error value with the given fields.
function errors.new(fields)
  assert(errors.kinds[fields.kind], fields.kind)
  return setmetatable(fields, Error)
end

--- A copy of an error value.
function errors.copy(err)
  local fields = {}
  for name, value in pairs(err) do fields[name] = value end
  return errors.new(fields)
end

--- Whether `value` is an error value.
function errors.is(value)
  return type(value) == "table" and getmetatable(value) == Error
end

local function member(body, path)
  local value = body
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

local function message_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "table" then return nil end
  -- A list of strings, or of objects with a message.
  local parts = {}
  for i = 1, #value do
    local item = value[i]
    local text = type(item) == "table" and (item.msg or item.message or item.Message) or item
    if type(item) == "table" and type(item.loc) == "table" and type(text) == "string" then
      local where = {}
      for j = 1, #item.loc do where[j] = tostring(item.loc[j]) end
      text = table.concat(where, ".") .. ": " .. text
    end
    if type(text) == "string" then parts[#parts + 1] = text end
  end
  return parts[1] and table.concat(parts, "; ") or nil
end

-- The first field that a list of located problems names: { loc = { "body", "a", "b" } } is "a.b".
local function located_field(list)
  if type(list) ~= "table" or type(list[1]) ~= "table" or type(list[1].loc) ~= "table" then return nil end
  local names = {}
  for i, part in ipairs(list[1].loc) do
    if not (i == 1 and part == "body") then names[#names + 1] = tostring(part) end
  end
  return names[1] and table.concat(names, ".") or nil
end

-- The first field in a table of field -> list of problems, and the problems in order of their fields.
local function read_fields(problems)
  if type(problems) ~= "table" then return nil end
  local names, parts = {}, {}
  for name in pairs(problems) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local text = message_of(problems[name])
    if text then parts[#parts + 1] = text end
  end
  local first = names[1] and names[1]:gsub("^%$%.?", "")
  return first, parts[1] and table.concat(parts, "; ") or nil
end

-- Members that error bodies have, in lower case.
local error_members = { detail = true, error = true, errors = true, message = true, statuscode = true,
  title = true }

--- Whether a decoded JSON object has a member that error bodies have.
function errors.has_error_member(body)
  for name in pairs(body) do
    if type(name) == "string" and error_members[ascii.lower(name)] then return true end
  end
  return false
end

--- Reads an error body of any shape. `body`: a decoded JSON value. `shape`: the `errors` of a description.
-- Returns a table with `message`, `field`, `code` and `request_id`, each a string or nil.
function errors.read(body, shape)
  local parsed = {}
  if type(body) == "string" then parsed.message = message_of(body) end
  if type(body) ~= "table" then return parsed end
  for _, path in ipairs(shape.fields or {}) do
    parsed.field, parsed.message = read_fields(member(body, path))
    if parsed.message then break end
  end
  for _, path in ipairs(shape.message or {}) do
    if parsed.message then break end
    parsed.message = message_of(member(body, path))
    parsed.field = parsed.field or parsed.message and located_field(member(body, path))
  end
  if not parsed.message then parsed.message = message_of(body) end
  for _, path in ipairs(shape.request_id or {}) do
    local id = member(body, path)
    if type(id) == "string" then
      parsed.request_id = id
      break
    end
  end
  local code = body.code or body.Code or body.error_code
  if type(code) == "string" then parsed.code = code end
  return parsed
end

return errors
