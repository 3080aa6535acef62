-- Simulates Telegent: its paths, its options, and its checks of calls.

local account = require "patchbay.sandbox.account"
local auth = require "patchbay.sandbox.telegent.auth"
local errors = require "patchbay.sandbox.telegent.errors"
local messages = require "patchbay.sandbox.telegent.messages"
local numbers = require "patchbay.sandbox.telegent.numbers"
local own_records = require "patchbay.sandbox.own_records"
local router = require "patchbay.sandbox.router"
local schema = require "patchbay.sandbox.telegent.schema"
local seeds = require "patchbay.sandbox.telegent.seeds"
local voice = require "patchbay.sandbox.telegent.voice"
local window = require "patchbay.sandbox.window"

local telegent = { name = "telegent" }

telegent.options = {
  account_key = { type = "string", default = "DID-5a4db0c1-0000-4000-8000-000000000001" },
  account_secret = { type = "string", default = "sandbox-secret" },
  account_id = { type = "string", default = "AID-ab12345-2725-45a1-bd5e-526ed19799xx" },
  -- The vendor only says "a few minutes".
  token_lifetime = { type = "number", default = 300, min = 1 },
  -- The response to a refused login is not documented: an error status, or 200 with successful = false.
  login_failure = { enum = { "status", "successful" }, default = "status" },
  -- A token of another endpoint: 403 on the operations' pages, 401 in the appendix.
  scope_status = { enum = { 403, 401 }, default = 403 },
  error_shape = { enum = { "status_code", "problem_details" }, default = "status_code" },
  error_content_type = { enum = { "application/json", "text/json", "text/plain" },
    default = "application/json" },
  error_message_null = { type = "boolean", default = false },
  -- Calls a minute, not counting logins; off by default, as the vendor documents no number.
  rate_limit = { type = "number", min = 1 },
  retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
  -- true: IpWhiteList in responses shows the entries instead of the [] of every example.
  echo_whitelist = { type = "boolean", default = false },
  -- The status in the response to a number's update, and when a pending one takes effect: after this many
  -- reads of the number or, where given, after this many seconds. A failed one never does.
  update_status = { enum = { "Complete", "Pending", "Failed" }, default = "Complete" },
  pending_reads = { type = "number", default = 1, min = 0 },
  pending_seconds = { type = "number", min = 0 },
  -- true: responses show an Iccid of 19 digits with an F at its end.
  iccid_filler = { type = "boolean", default = false },
  -- true: also applies the rules of the older request collection (fields that need each other, no deletion of
  -- a route in use).
  older_rules = { type = "boolean", default = false },
  -- true: a number may name a route that the account does not have.
  any_route = { type = "boolean", default = false },
  -- Default size of an inventory page, and the largest, whatever is asked for.
  inventory_page_size = { type = "number", default = 12, min = 1 },
  inventory_page_max = { type = "number", min = 1 },
  -- How many numbers there are at first; and the first records, by collection (see own_records.lua).
  numbers = { type = "number", default = 30, min = 0 },
  records = { type = "table" },
}

local COLLECTIONS = {
  voice_routes = { key = "CallRouteId", fields = schema.voice.create.fields,
    shown = { "CallRouteId" } },
  message_routes = { key = "MessageRouteId", fields = schema.message.create.fields,
    shown = { "MessageRouteId" } },
  numbers = { key = "Number", needs_key = true, fields = schema.number.update.fields,
    shown = { "Tnid", "OrderId", "NumberType", "Status", "OriginalDatePurchased", "AssignedSubscriberId",
      "QrActivationLink", "SwapsRemaining", "NextSwapResetDate", "PortOutPin" } },
}

function telegent.problem(given) return own_records.problem("telegent", COLLECTIONS, given.records) end

-- See router.lua. A login needs no token, and none can be requested for it.
local OPERATIONS = {
  { "POST", "/v1.0/oauth2/tokens", "auth", "login", open = true },
  { "POST", "/v1.0/OAuth2/tokens", "auth", "login", open = true },
  { "GET", "/v1.0/voice/routes", "voice", "read" },
  { "POST", "/v1.0/voice/routes", "voice", "create" },
  { "POST", "/v1.0/voice/routes/update", "voice", "update" },
  { "POST", "/v1.0/voice/routes/delete", "voice", "delete" },
  { "GET", "/v1.0/account/voice/routes", "voice", "list" },
  { "GET", "/v1.0/message/routes", "messages", "read" },
  { "POST", "/v1.0/message/routes", "messages", "create" },
  { "POST", "/v1.0/message/routes/update", "messages", "update" },
  { "POST", "/v1.0/message/routes/delete", "messages", "delete" },
  { "GET", "/v1.0/account/message/routes", "messages", "list" },
  { "GET", "/v1.0/numbers", "numbers", "read" },
  { "GET", "/v1.0/numbers/inventory", "numbers", "inventory" },
  { "POST", "/v1.0/numbers/update", "numbers", "update" },
}

-- Documented, so tokens exist for them and they are no 404; answered with 501, as they are not simulated.
local NOT_SIMULATED = {
  GET = { "numbers/order", "numbers/e911address", "message/details", "message/search", "message/filter" },
  POST = { "message/outbound", "message/device-delivery", "numbers/availability", "numbers/provision",
    "numbers/status", "numbers/reactivate", "numbers/refresh-nnid", "numbers/device-details",
    "numbers/portin", "numbers/portin/eligibility", "numbers/portin/update", "numbers/portin/cancel",
    "numbers/portout", "numbers/data-usage", "numbers/data-usage/settings", "numbers/data-usage/info",
    "numbers/data-usage/update-renewal-info", "numbers/voicemail/activate", "numbers/voicemail/delete",
    "numbers/voicemail/info", "numbers/voicemail/update", "numbers/e911address/update" },
}
for method, paths in pairs(NOT_SIMULATED) do
  for _, path in ipairs(paths) do OPERATIONS[#OPERATIONS + 1] = { method, "/v1.0/" .. path } end
end
local endpoints = {}
for _, operation in ipairs(OPERATIONS) do
  if not operation.open then endpoints[operation[2]] = true end
end

function telegent.owns(path) return path:sub(1, 6) == "/v1.0/" or path:sub(1, 6) == "/v1.1/" end

local Account = account.class()
Account.router = router.new(OPERATIONS)

function telegent.new(context)
  local options, random = context.options, context.random
  local self = setmetatable({ context = context, window = window.new() }, Account)
  self.auth = auth.new(context, endpoints)
  local function own(name) return own_records.of(COLLECTIONS, options, name) end
  self.numbers = numbers.new(context, own "numbers" or seeds.numbers(options.numbers, random))
  self.voice = voice.new(context, own "voice_routes" or seeds.voice_routes(random), self.numbers)
  self.messages = messages.new(context, own "message_routes" or seeds.message_routes(random))
  self.numbers:set_routes { VoiceRouteId = self.voice.kept, MessageRouteId = self.messages.kept }
  self.credentials = { account_key = options.account_key, account_secret = options.account_secret }
  self.environment = {
    TELEGENT_ACCOUNT_KEY = options.account_key,
    TELEGENT_ACCOUNT_SECRET = options.account_secret,
  }
  return self
end

function Account:admit(call, operation)
  if operation.open then return nil end
  local limit = self.context.options.rate_limit
  return limit and self:limited(self.window, limit) or self.auth:refusal(call)
end

function Account:complain(problem)
  return errors.answer(problem, self.context.options, self.context.random)
end

function Account:state()
  return {
    voice_routes = self.voice.kept.by_key,
    message_routes = self.messages.kept.by_key,
    numbers = self.numbers.kept.by_key,
    pending_updates = self.numbers.orders.waiting,
  }
end

return telegent
