-- Telegent, played: its paths, its options, and the order in which a call is judged.

local auth = require "patchbay.sandbox.telegent.auth"
local errors = require "patchbay.sandbox.telegent.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local messages = require "patchbay.sandbox.telegent.messages"
local numbers = require "patchbay.sandbox.telegent.numbers"
local seeds = require "patchbay.sandbox.telegent.seeds"
local voice = require "patchbay.sandbox.telegent.voice"
local window = require "patchbay.sandbox.window"

local telegent = { name = "telegent" }

telegent.options = {
  account_key = { type = "string", default = "DID-5a4db0c1-0000-4000-8000-000000000001" },
  account_secret = { type = "string", default = "sandbox-secret" },
  account_id = { type = "string", default = "AID-ab12345-2725-45a1-bd5e-526ed19799xx" },
  -- "A few minutes" is all the vendor says.
  token_lifetime = { type = "number", default = 300, min = 1 },
  -- How a refused login looks is not documented: an error status, or 200 with successful = false.
  login_failure = { enum = { "status", "successful" }, default = "status" },
  -- A token of another endpoint: the operation pages say 403, the appendix says 401.
  scope_status = { enum = { 403, 401 }, default = 403 },
  error_shape = { enum = { "status_code", "problem_details" }, default = "status_code" },
  error_content_type = { enum = { "application/json", "text/json", "text/plain" },
    default = "application/json" },
  error_message_null = { type = "boolean", default = false },
  -- Calls a minute, logins not counted; off by default, as the vendor names no number.
  rate_limit = { type = "number", min = 1 },
  retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
  -- true: IpWhiteList in answers shows the entries instead of the [] of every example.
  echo_whitelist = { type = "boolean", default = false },
  -- What a number update is answered, and when a pending one takes effect: after so many reads of the
  -- number, or, where given, after so many seconds. A failed one never does.
  update_status = { enum = { "Complete", "Pending", "Failed" }, default = "Complete" },
  pending_reads = { type = "number", default = 1, min = 0 },
  pending_seconds = { type = "number", min = 0 },
  -- true: a 19 digit Iccid is answered with an F behind it.
  iccid_filler = { type = "boolean", default = false },
  -- true: also the rules that only the older request collection knows (fields that need each other, no
  -- deletion of a route in use).
  older_rules = { type = "boolean", default = false },
  -- Size of an inventory page when none is asked for, and the most that is given whatever is asked for.
  inventory_page_size = { type = "number", default = 12, min = 1 },
  inventory_page_max = { type = "number", min = 1 },
  numbers = { type = "number", default = 30, min = 0 },
}

local TOKEN_PATHS = { ["/v1.0/oauth2/tokens"] = true, ["/v1.0/OAuth2/tokens"] = true }

-- path -> verb -> { which part answers, by which function }
local OPERATIONS = {
  ["/v1.0/voice/routes"] = { GET = { "voice", "read" }, POST = { "voice", "create" } },
  ["/v1.0/voice/routes/update"] = { POST = { "voice", "update" } },
  ["/v1.0/voice/routes/delete"] = { POST = { "voice", "delete" } },
  ["/v1.0/account/voice/routes"] = { GET = { "voice", "list" } },
  ["/v1.0/message/routes"] = { GET = { "messages", "read" }, POST = { "messages", "create" } },
  ["/v1.0/message/routes/update"] = { POST = { "messages", "update" } },
  ["/v1.0/message/routes/delete"] = { POST = { "messages", "delete" } },
  ["/v1.0/account/message/routes"] = { GET = { "messages", "list" } },
  ["/v1.0/numbers"] = { GET = { "numbers", "read" } },
  ["/v1.0/numbers/inventory"] = { GET = { "numbers", "inventory" } },
  ["/v1.0/numbers/update"] = { POST = { "numbers", "update" } },
}

-- Documented, so tokens are given for them and no 404 is told; answered 501, as nothing is behind them here.
local NOT_PLAYED = {
  GET = { "numbers/order", "numbers/e911address", "message/details", "message/search", "message/filter" },
  POST = { "message/outbound", "message/device-delivery", "numbers/availability", "numbers/provision",
    "numbers/status", "numbers/reactivate", "numbers/refresh-nnid", "numbers/device-details",
    "numbers/portin", "numbers/portin/eligibility", "numbers/portin/update", "numbers/portin/cancel",
    "numbers/portout", "numbers/data-usage", "numbers/data-usage/settings", "numbers/data-usage/info",
    "numbers/data-usage/update-renewal-info", "numbers/voicemail/activate", "numbers/voicemail/delete",
    "numbers/voicemail/info", "numbers/voicemail/update", "numbers/e911address/update" },
}
for verb, paths in pairs(NOT_PLAYED) do
  for _, path in ipairs(paths) do OPERATIONS["/v1.0/" .. path] = { [verb] = {} } end
end

function telegent.owns(path) return path:sub(1, 6) == "/v1.0/" or path:sub(1, 6) == "/v1.1/" end

local Account = {}
Account.__index = Account

function telegent.new(context)
  local options, random = context.options, context.random
  local self = setmetatable({ context = context, window = window.new() }, Account)
  self.auth = auth.new(context, function(path) return OPERATIONS[path] ~= nil end)
  self.numbers = numbers.new(context, seeds.numbers(options.numbers, random))
  self.voice = voice.new(context, seeds.voice_routes(random), self.numbers)
  self.messages = messages.new(context, seeds.message_routes(random))
  self.credentials = { account_key = options.account_key, account_secret = options.account_secret }
  self.environment = {
    TELEGENT_ACCOUNT_KEY = options.account_key,
    TELEGENT_ACCOUNT_SECRET = options.account_secret,
  }
  return self
end

-- The body of a POST, or nil and the problem.
local function read_body(call)
  local label = (call.headers["content-type"] or ""):lower():match "^%s*([^;%s]*)"
  if label ~= "application/json" then
    return nil, { status = 400, message = "Bad request: Content-Type must be application/json." }
  end
  local body, why = json.decode(call.body or "")
  if why then return nil, { status = 400, message = "Bad request: the body is not JSON: " .. why .. "." } end
  if not json.is_object(body) then
    return nil, { status = 400, message = "Bad request: the body must be a JSON object." }
  end
  return body
end

function Account:limited()
  local options = self.context.options
  local wait = options.rate_limit and self.window:count(self.context.clock(), options.rate_limit)
  if not wait then return nil end
  local problem = { status = 429 }
  local seconds = math.ceil(wait)
  if options.retry_after == "seconds" then problem.retry_after = ("%d"):format(seconds) end
  if options.retry_after == "date" then problem.retry_after = http.date(self.context.clock() + seconds) end
  return problem
end

local function allowed(verbs)
  local list = {}
  for verb in pairs(verbs) do list[#list + 1] = verb end
  table.sort(list)
  return table.concat(list, ", ")
end

-- The value to answer, or nil and the problem. Path and verb are judged first, then the limit, the token, the
-- form of the body, and last what it says.
function Account:judge(call)
  local login = TOKEN_PATHS[call.path]
  local verbs = login and { POST = {} } or OPERATIONS[call.path]
  if not verbs then
    return nil, { status = 404, message = ("Not found: there is no endpoint %s."):format(call.path) }
  end
  local operation = verbs[call.method]
  if not operation then return nil, { status = 405, allow = allowed(verbs) } end
  local problem = not login and (self:limited() or self.auth:refusal(call)) or nil
  if problem then return nil, problem end
  if not login and not operation[1] then return nil, { status = 501 } end
  local body
  if call.method == "POST" then
    body, problem = read_body(call)
    if not body then return nil, problem end
  end
  if login then return self.auth:login(body) end
  local part = self[operation[1]]
  return part[operation[2]](part, call, body)
end

function Account:refuse(problem)
  local answer = errors.answer(problem, self.context.options, self.context.random)
  answer.headers["retry-after"] = problem.retry_after
  answer.headers.allow = problem.allow
  return answer
end

function Account:answer(call)
  local value, problem = self:judge(call)
  if problem then return self:refuse(problem) end
  return http.answer(200, value)
end

function Account:failure(status) return self:refuse { status = status } end

function Account:state()
  return {
    voice_routes = self.voice.kept.by_key,
    message_routes = self.messages.kept.by_key,
    numbers = self.numbers.kept.by_key,
    pending_updates = self.numbers.orders,
  }
end

return telegent
