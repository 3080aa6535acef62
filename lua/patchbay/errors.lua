--- What the world did: the error values that calls return.
--
-- An error is a table: `kind`, `message` and `outcome` always, the rest where known (`status`, `code`,
-- `field`, `request_id`, `retry_after`, `attempts`, `body`, `missing`). tostring gives the message.
-- Mistakes in a script are no error values: they raise, at the script's line.

local errors = {}

local Error = {}
Error.__index = Error
Error.__tostring = function(self) return self.message end
Error.__name = "patchbay.error"

--- The kinds, and what each means.
errors.kinds = {
  invalid = "the vendor found the request wrong",
  unauthorized = "the credentials or the token were refused",
  forbidden = "the credentials do not allow this",
  not_found = "there is no such thing, or it is another account's",
  conflict = "it does not fit what is there now",
  rejected = "the vendor took the request and then refused the change",
  incomplete = "something needed is not known",
  pending = "accepted, but not yet to be seen",
  rate_limited = "too many requests",
  timeout = "it took too long",
  unavailable = "the vendor cannot answer now",
  network = "the connection failed",
  tls = "the secure connection failed",
  protocol = "the answer makes no sense",
  too_large = "the answer, or the request, is too large",
  unsupported = "the vendor documents no such call",
}

local by_status = {
  [400] = "invalid", [401] = "unauthorized", [402] = "rejected", [403] = "forbidden", [404] = "not_found",
  [405] = "unsupported", [408] = "timeout", [409] = "conflict", [410] = "not_found", [412] = "conflict",
  [413] = "too_large", [415] = "invalid", [422] = "invalid", [423] = "conflict", [429] = "rate_limited",
  [504] = "timeout",
}

--- The kind that an HTTP status (integer) stands for.
function errors.kind_of_status(status)
  if by_status[status] then return by_status[status] end
  if status >= 500 then return "unavailable" end
  if status >= 400 then return "rejected" end
  return "protocol"
end

--- Whether a change may have been applied, from the HTTP status (integer) of a failed answer.
function errors.outcome_of_status(status)
  if status == 503 then return "refused" end
  if status == 303 then return "unknown" end -- "done; the result is to be seen elsewhere"
  if status >= 500 or status < 300 then return "unknown" end
  return "refused"
end

--- An error value out of its fields.
function errors.new(fields)
  assert(errors.kinds[fields.kind], fields.kind)
  return setmetatable(fields, Error)
end

--- Another error value with the same fields.
function errors.copy(err)
  local fields = {}
  for name, value in pairs(err) do fields[name] = value end
  return errors.new(fields)
end

--- Whether `value` is one.
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

local function text_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "table" then return nil end
  -- A list of texts, or of objects that carry one.
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

-- The field that a list of complaints with places names first: { loc = { "body", "a", "b" } } is "a.b".
local function located(list)
  if type(list) ~= "table" or type(list[1]) ~= "table" or type(list[1].loc) ~= "table" then return nil end
  local names = {}
  for i, part in ipairs(list[1].loc) do
    if not (i == 1 and part == "body") then names[#names + 1] = tostring(part) end
  end
  return names[1] and table.concat(names, ".") or nil
end

-- The first field that a table of field -> list of complaints names, and the complaints, by name.
local function read_fields(complaints)
  if type(complaints) ~= "table" then return nil end
  local names, parts = {}, {}
  for name in pairs(complaints) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local text = text_of(complaints[name])
    if text then parts[#parts + 1] = text end
  end
  local first = names[1] and names[1]:gsub("^%$%.?", "")
  return first, parts[1] and table.concat(parts, "; ") or nil
end

-- What the members are called, in small letters, in which error bodies speak.
local speaking = { detail = true, error = true, errors = true, message = true, statuscode = true,
  title = true }

--- Whether a decoded JSON object has a member in which error bodies speak.
function errors.speaks(body)
  for name in pairs(body) do
    if type(name) == "string" and speaking[name:lower()] then return true end
  end
  return false
end

--- Reads what an error body says, whatever its shape. `body` is a decoded JSON value (any), `shape`
-- the `errors` of a description. Returns a table with `message`, `field`, `code`, `request_id`, each
-- a string or absent.
function errors.read(body, shape)
  local said = {}
  if type(body) == "string" then said.message = text_of(body) end
  if type(body) ~= "table" then return said end
  for _, path in ipairs(shape.fields or {}) do
    said.field, said.message = read_fields(member(body, path))
    if said.message then break end
  end
  for _, path in ipairs(shape.message or {}) do
    if said.message then break end
    said.message = text_of(member(body, path))
    said.field = said.field or said.message and located(member(body, path))
  end
  if not said.message then said.message = text_of(body) end
  for _, path in ipairs(shape.request_id or {}) do
    local id = member(body, path)
    if type(id) == "string" then
      said.request_id = id
      break
    end
  end
  local code = body.code or body.Code or body.error_code
  if type(code) == "string" then said.code = code end
  return said
end

return errors
