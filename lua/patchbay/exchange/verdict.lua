--- Whether the body of a success says that the call failed: vendors answer 200 and put the failure into the
-- body, each in a spelling of its own.

local ascii = require "patchbay.util.ascii"

local verdict = {}

local function set(words)
  local names = {}
  for word in words:gmatch "%S+" do names[word] = true end
  return names
end

-- Names as ascii.plain_name() gives them.
local SUCCESS = set "success successful succeeded succeed issuccess issuccessful ok isok"
local FAILURE = set("failed failure failures fail isfailed fault faults faultcode faultstring exception "
  .. "exceptions exceptionmessage haserror haserrors iserror err errs errmsg errcode errno requesterror "
  .. "requesterrors validationerror validationerrors fielderror fielderrors apierror apierrors "
  .. "serviceexception modelstate")
local STATUS = set "status result outcome response"
local CODE = set "code statuscode status httpstatus httpstatuscode httpcode responsecode"

-- Texts of a member in which errors stand that say that there is none.
local NONE = set "0 false no none null nil ok success successful 200"
NONE["n/a"], NONE["no error"], NONE["no errors"], NONE["-"] = true, true, true, true

local FALSE = set "false no 0 n"

-- Words with which a status begins that is one of a failure.
local WORDS = set("error errors err fail failed failure rejected refused denied declined invalid "
  .. "unauthorized forbidden unsuccessful aborted exception ko nok missing unable cannot unsupported "
  .. "incorrect malformed")

-- Words anywhere in an identifier that make it one of a failure: "VALIDATION_ERROR", "AuthFailed". Behind a
-- word of DENIAL they do not: "no_error".
local PARTS = set("error errors failed failure invalid denied rejected refused unauthorized forbidden "
  .. "exceeded")
local DENIAL = set "no non not without zero"

-- The same of texts that begin with "not": "not_found", "Not allowed".
local NOT = set("found allowed authorized authenticated permitted supported valid ok successful acceptable "
  .. "implemented")

-- Statuses of HTTP in words (RFC 9110, section 15) that begin with none of these.
local PHRASES = {}
for _, phrase in ipairs { "bad request", "method not allowed", "request timeout", "unprocessable entity",
  "unprocessable content", "too many requests", "internal server error", "internal error", "bad gateway",
  "service unavailable", "gateway timeout", "conflict", "payload too large", "content too large" } do
  PHRASES[phrase] = true
end

local plain = ascii.plain_name

local function trimmed(text) return ascii.lower(ascii.trim(text)) end

-- Whether the text is an identifier that is the words of an HTTP status, or has a word of failure in it.
local function names_failure(text)
  if not text:find "^[A-Za-z][A-Za-z._-]*$" then return false end
  local words = ascii.lower((text:gsub("([a-z])([A-Z])", "%1_%2"):gsub("[._-]+", " ")))
  if PHRASES[words] or words:find " not found$" then return true end
  local before
  for word in words:gmatch "[a-z]+" do
    if PARTS[word] and not DENIAL[before] then return true end
    before = word
  end
  return false
end

--- Whether a value is text that begins with a word of failure, or an identifier that has one in it.
function verdict.is_failure_word(value)
  if type(value) ~= "string" then return false end
  if names_failure(ascii.trim(value)) then return true end
  local text = trimmed(value)
  return WORDS[text:match "^[+-]?(%a*)"] or PHRASES[text]
    or NOT[text:match "^not[_ -]?(%a*)"] or false
end

--- Whether a value is text that says that nothing failed, such as "ok".
function verdict.is_word_of_none(value)
  return type(value) == "string" and NONE[trimmed(value)] or false
end

--- The number that a code is, as a number or as text; of "404 Not Found" 404.
function verdict.code_of(value)
  if type(value) == "string" then return tonumber(value) or tonumber(value:match "^%s*(%d%d%d)%f[%D]") end
  return type(value) == "number" and value or nil
end

-- Names that begin with "error" and are settings: where calls go in case of one, who is told of it.
local SETTINGS = { "url", "uri", "callback", "webhook", "email", "handler", "sound", "prompt", "route",
  "destination", "notif", "enabled" }

local function is_setting(name)
  for _, part in ipairs(SETTINGS) do
    if name:find(part, 1, true) then return true end
  end
  return false
end

-- Whether the value of a member for errors tells of one. Objects and lists count by their contents.
local function tells(value, null, depth)
  if value == nil or value == null or value == false or value == 0 then return false end
  if type(value) == "string" then
    local text = trimmed(value)
    return text ~= "" and not NONE[text]
  end
  if type(value) ~= "table" or depth == 0 then return true end
  for _, member in pairs(value) do
    if tells(member, null, depth - 1) then return true end
  end
  return false
end

-- So deep errors lie in responses of vendors: { errors = { Field = { { message = … } } } }.
local DEEPEST = 5

-- Whether the member reports a failure: nil; or true, or the HTTP status that it gives.
local function of_member(name, value, null)
  local says = plain(name)
  if CODE[says] then
    local code = verdict.code_of(value)
    if code and (code >= 400 or code < 0) then
      return code >= 400 and code < 600 and code % 1 == 0 and math.floor(code) or true
    end
  end
  if SUCCESS[says] then
    return value == false or value == 0 or type(value) == "string"
      and (FALSE[trimmed(value)] or verdict.is_failure_word(value)) or nil
  elseif STATUS[says] or says == "code" then
    return verdict.is_failure_word(value) or value == false and says ~= "code" or nil
  elseif FAILURE[says] or says:find "^error" and not is_setting(says) then
    return tells(value, null, DEEPEST) or nil
  end
end

-- The members that an error body has beside its status.
local SPEAKING = set("message msg error errors errormessage detail details title reason code data requestid "
  .. "timestamp")

-- Further ones of problem details (RFC 9457) and of frameworks' own bodies.
local PROBLEM = set "type instance traceid moreinfo path"

local function speaks_alone(object, name, null)
  for other, value in pairs(object) do
    local says = type(other) == "string" and plain(other)
    if other ~= name and not (says and (SPEAKING[says] and (says ~= "data" or value == null))) then
      return false
    end
  end
  return true
end

--- Looks for a failure in the members of `object` (a decoded object). Returns nil; or the name of a member
-- that reports one, its value, and the HTTP status that it gives, if it gives one. `is_field`: the set of
-- names that the description has, which are fields and not verdicts. `null`: JSON's null. `unknown`: nothing
-- describes the object, which may have a status of its own: a word counts only in an error body.
function verdict.of(object, is_field, null, unknown)
  local first, status
  for name, value in pairs(object) do
    local found = type(name) == "string" and not is_field[name] and of_member(name, value, null)
    if found and unknown and STATUS[plain(name)] and found == true then
      found = speaks_alone(object, name, null)
    end
    if found then
      local code = type(found) == "number" and found or nil
      -- A status says more than a word; of several alike always the same one.
      if not first or (code and not status) or ((code ~= nil) == (status ~= nil) and name < first) then
        first, status = name, code
      end
    end
  end
  if first then return first, object[first], status end
end

-- Members whose text is a message.
local MESSAGES = set "message msg detail title"

-- Whether the value is { { loc = …, msg = … } }, of which FastAPI makes the detail of a refused request.
local function is_complaints(value)
  local first = type(value) == "table" and value[1]
  return type(first) == "table" and type(first.msg) == "string"
end

--- The same of a message, where the object has only members of an error body: { detail = "Not Found" }.
function verdict.of_message(object, null)
  local first
  for name, value in pairs(object) do
    local says = type(name) == "string" and plain(name)
    if not (says and (SPEAKING[says] or PROBLEM[says] or STATUS[says] or CODE[says])) then return nil end
    if MESSAGES[says] and value ~= null and (verdict.is_failure_word(value) or is_complaints(value))
      and (not first or name < first) then
      first = name
    end
  end
  if first then return first, object[first] end
end

--- The same of a described field, where it is the only one that the object shows, and all else in it belongs
-- to an error body: { Status = 404, Title = "Not Found" } is no record. `alone`: nor is { Status = "Error" }.
function verdict.of_error_body(object, is_field, null, alone)
  local field, speaks = nil, alone
  for name, value in pairs(object) do
    local says = type(name) == "string" and plain(name)
    if value ~= null then
      if is_field[name] then
        if field then return nil end
        field = name
      elseif says and (SPEAKING[says] and says ~= "data" or PROBLEM[says]) then
        speaks = true
      else
        return nil
      end
    end
  end
  local found = field and speaks and of_member(field, object[field], null)
  if found then return field, object[field], type(found) == "number" and found or nil end
end

-- Members in which vendors report on a call, and so deep the report lies in such members.
local AROUND = set "data result results response responses outcome status responsestatus meta payload body d"
local DEEPEST_AROUND = 2

local NO_FIELDS = {}

local within

-- The same of the value of such a member: of a list where all its entries report a failure.
local function of_inner(value, null, unknown, depth)
  if type(value) ~= "table" then return nil end
  if value[1] == nil then
    local name, found, code = verdict.of(value, NO_FIELDS, null, unknown)
    if name and not (unknown and not speaks_alone(value, name, null)) then return name, found, code end
    return within(value, NO_FIELDS, null, unknown, depth - 1)
  end
  local name, found, code
  for i = #value, 1, -1 do
    name, found, code = of_inner(value[i], null, unknown, depth)
    if not name or unknown then return nil end -- lists that are read hold things with errors of their own
  end
  return name, found, code
end

function within(object, is_field, null, unknown, depth)
  if depth == 0 then return nil end
  local names = {}
  for name, value in pairs(object) do
    if type(value) == "table" and type(name) == "string" and not is_field[name] and AROUND[plain(name)] then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, outer in ipairs(names) do
    local name, found, code = of_inner(object[outer], null, unknown, depth)
    if name then return outer .. "." .. name, found, code end
  end
end

--- The same as `verdict.of`, for the objects in `object` (a decoded object or list) in which vendors wrap the
-- result of a call: { result = { success = false } }. Beside a record these may be its own.
function verdict.inside(object, is_field, null, unknown)
  if object[1] ~= nil then return of_inner(object, null, unknown, DEEPEST_AROUND) end
  return within(object, is_field, null, unknown, DEEPEST_AROUND)
end

return verdict
