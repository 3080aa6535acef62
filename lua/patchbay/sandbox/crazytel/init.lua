-- Simulates Crazytel: its paths, its options, and its checks of calls. The second documented place of the
-- key, the body, is left out: there it ends up in logs.

local account = require "patchbay.sandbox.account"
local errors = require "patchbay.sandbox.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local numbers = require "patchbay.sandbox.crazytel.numbers"
local own_records = require "patchbay.sandbox.own_records"
local portal = require "patchbay.sandbox.crazytel.portal"
local router = require "patchbay.sandbox.router"
local schema = require "patchbay.sandbox.crazytel.schema"
local shapes = require "patchbay.sandbox.crazytel.shapes"
local trunks = require "patchbay.sandbox.crazytel.trunks"
local window = require "patchbay.sandbox.window"

local crazytel = { name = "crazytel" }

crazytel.options = {
  api_key = { type = "string", default = "sandbox-api-key" },
  -- Calls a minute, as documented; 0 for no limit.
  rate_limit = { type = "number", default = 60, min = 0 },
  retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
  -- Error bodies are not documented. "fastapi": "detail_list" for 422, else "detail".
  error_shape = { default = "fastapi",
    enum = { "fastapi", "detail", "detail_list", "error", "message", "text", "html", "empty" } },
  -- A path with a slash too many or too few: redirected to redirect_base (for a client that reaches the
  -- sandbox under a loopback name, to the other such name), or not found. Which of the two is not documented.
  trailing_slash = { enum = { "redirect", "not_found" }, default = "redirect" },
  redirect_base = { type = "string", default = "https://elsewhere.example.com" },
  -- id and username in a body: refused with 400, or ignored.
  read_only = { enum = { "refuse", "ignore" }, default = "refuse" },
  -- null: refused with 422, or clears an optional field of a trunk.
  nulls = { enum = { "refuse", "clear" }, default = "refuse" },
  echo_password = { type = "boolean", default = false },
  create_status = { enum = { 200, 201 }, default = 200 },
  delete_status = { enum = { 200, 204 }, default = 200 },
  -- false: calls that no page describes do not exist.
  undocumented = { type = "boolean", default = true },
  -- Objects in a phone number's update.
  patch_nested = { enum = { "replace", "merge" }, default = "replace" },
  number_answer = { enum = { "number", "message" }, default = "number" },
  -- The verified numbers: strings, or objects with the number in a field.
  verified_items = { enum = { "strings", "objects" }, default = "strings" },
  verified_field = { type = "string", default = "number" },
  -- Any list: bare, or as the only member of an object.
  lists = { enum = { "bare", "wrapped" }, default = "bare" },
  list_field = { type = "string", default = "data" },
}

-- The first records of one's own, by collection (see own_records.lua).
crazytel.options.records = { type = "table" }

local COLLECTIONS = {
  sip_trunks = { key = "id", fields = schema.trunk.refuse.create.fields, shown = schema.TRUNK_READ_ONLY },
  phone_numbers = { key = "did_number", needs_key = true, fields = schema.number.fields },
}

function crazytel.problem(given) return own_records.problem("crazytel", COLLECTIONS, given.records) end

local function undocumented(options) return options.undocumented end

local ROOT = "/api/v1"
local TRUNKS, NUMBERS = ROOT .. "/sip-trunks/", ROOT .. "/phone-numbers"
local TRUNK = TRUNKS .. "{trunk_id}"
-- See router.lua. Slashes at the end are as documented, some present and some not. Programs in use read the
-- list of numbers in both spellings.
local OPERATIONS = {
  { "PATCH", TRUNK, "trunks", "update" },
  { "POST", TRUNKS, "trunks", "create" },
  { "GET", TRUNKS, "trunks", "list", when = undocumented, list = true },
  { "GET", TRUNK, "trunks", "read", when = undocumented },
  { "DELETE", TRUNK, "trunks", "delete", when = undocumented },
  { "PATCH", NUMBERS, "numbers", "update" },
  { "GET", NUMBERS, "numbers", "list", when = undocumented, list = true },
  { "GET", NUMBERS .. "/", "numbers", "list", when = undocumented, list = true },
  { "GET", ROOT .. "/account/verified-cli/", "portal", "list_verified", list = true },
  { "GET", ROOT .. "/balance/", "portal", "balance" },
  -- The vendor's, but not simulated.
  { "GET", NUMBERS .. "/available-numbers/" },
  { "GET", NUMBERS .. "/addresses/" },
  { "GET", NUMBERS .. "/owners/" },
  { "GET", NUMBERS .. "/destinations/" },
  { "POST", NUMBERS .. "/purchase" },
  { "POST", ROOT .. "/sms/send" },
}

function crazytel.owns(path) return path:sub(1, #ROOT + 1) == ROOT .. "/" end

local Account = account.class()
Account.router = router.new(OPERATIONS)
Account.unreadable = 422

function crazytel.new(context)
  local self = setmetatable({ context = context, calls = window.new(), sent_on = {} }, Account)
  local function own(name) return own_records.of(COLLECTIONS, context.options, name) end
  self.numbers = numbers.new(context, own "phone_numbers")
  self.portal = portal.new(context, self.numbers)
  self.trunks = trunks.new(context, function(number) return self.portal.is_verified[number] end,
    own "sip_trunks")
  self.followed = json.array {}
  self.credentials = { api_key = context.options.api_key }
  self.environment = { CRAZYTEL_API_KEY = context.options.api_key }
  return self
end

local LOOPBACK = { ["127.0.0.1"] = "localhost", localhost = "127.0.0.1" }

-- The host that a call under `host` is redirected to: always another one.
local function elsewhere(host, base)
  local name, port = (host or ""):match "^([^:]*)(.*)$"
  return LOOPBACK[name] and "http://" .. LOOPBACK[name] .. port or base
end

-- Looks for the operation under the path's other spelling when there is none under this one.
function Account:find(call)
  local operation, found = account.find(self, call)
  local options = self.context.options
  if operation or options.trailing_slash == "not_found" then return operation, found end
  local stem = call.path:match "^(.*)/$"
  local other = stem or call.path .. "/"
  if not self.router:find(call.method, other, options) then return nil, found end
  local base = elsewhere(call.host, options.redirect_base)
  self.sent_on[http.read({ url = base }).host .. other] = true
  local query = call.query_text == "" and "" or "?" .. call.query_text
  return nil, { status = 307, headers = { location = base .. other .. query } }
end

function Account:admit(call)
  local options, key = self.context.options, call.headers["x-crazytel-api-key"]
  if key ~= options.api_key then
    return { status = 401, message = key and "Invalid API key" or "Not authenticated" }
  end
  if options.rate_limit > 0 then return self:limited(self.calls, options.rate_limit) end
end

-- Records who followed a redirect, and whether they sent the key along.
function Account:answer(call)
  if call.host and self.sent_on[call.host .. call.path] then
    self.followed[#self.followed + 1] = { method = call.method, host = call.host, path = call.path,
      with_key = call.headers["x-crazytel-api-key"] ~= nil }
  end
  return account.answer(self, call)
end

function Account:envelope(value, _, operation)
  local options = self.context.options
  if operation.list and options.lists == "wrapped" then return { [options.list_field] = value } end
  return value
end

local MESSAGES = { [500] = "Error communicating with the backend", [429] = "Rate limit exceeded" }

function Account:complain(problem)
  if problem.status == 307 then return errors.answer(problem, shapes.empty) end
  if not problem.field then problem.message = problem.message or MESSAGES[problem.status] end
  return errors.answer(problem, shapes[self.context.options.error_shape])
end

function Account:state()
  return {
    sip_trunks = self.trunks.kept.by_key,
    phone_numbers = self.numbers.kept.by_key,
    verified_numbers = self.portal.verified,
    followed = self.followed,
  }
end

return crazytel
