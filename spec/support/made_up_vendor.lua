--- A vendor that does not exist, described with every keyword that a description may have: for specs of the
-- generic sandbox, and for the suites that hold for any vendor.

local acme = {}

local function merged(base, changes)
  local result = {}
  for name, value in pairs(base) do result[name] = value end
  for name, value in pairs(changes or {}) do result[name] = value end
  return result
end

local account = { "AccountSid", type = "string", pattern = "^AC[0-9a-f]{32}$", option = "account_sid",
  description = "The account" }

local schemes = {
  basic = { scheme = "basic", user = "account_sid", password = "auth_token",
    secret_names = { "auth_token" } },
  header = { scheme = "header", header = "X-Acme-Key", prefix = "Key ", needs = { "auth_token" },
    secret_names = { "auth_token" } },
  login = { scheme = "login", header = "Authorization", prefix = "Bearer ",
    needs = { "account_sid", "auth_token" }, secret_names = { "auth_token", "access_token" },
    login = { method = "POST", path = "/login",
      body = { { "user", "account_sid" }, { "secret", "auth_token" } },
      token = "access_token", expiry = "expires_in", refresh = "refresh_token" },
    refresh = { method = "POST", path = "/refresh", once = true,
      body = { { "refresh_token", "refresh_token" } } },
    renew_on = { 401 } },
}

-- Telephone lines: form bodies, the account in the path, pages by the next address.
local function lines()
  local path = "/Accounts/{AccountSid}/Lines"
  return {
    description = "Telephone lines", key = "Sid", within = { account }, body = "form",
    identity = { "Number" },
    operations = {
      get = { method = "GET", path = path .. "/{key}.json" },
      list = { method = "GET", path = path .. ".json", items = "lines",
        paging = { next = "next_page_uri", size = "PageSize" },
        parameters = { { "FriendlyName", type = "string" }, { "PageSize", type = "integer", minimum = 1 } } },
      create = { method = "POST", path = path .. ".json", required = { "Number" } },
      update = { method = "POST", path = path .. "/{key}.json" },
      delete = { method = "DELETE", path = path .. "/{key}.json" },
    },
    fields = {
      { "Sid", type = "string", pattern = "^LI[0-9a-f]{8}$", readOnly = true, also = { "sid" } },
      { "FriendlyName", type = "string", maxLength = 64, also = { "friendly_name" } },
      { "Number", type = "string", format = "e164", readOnly = true, on_create = { readOnly = false } },
      { "VoiceUrl", type = "string", format = "uri", nullable = true },
      { "Port", type = "integer", minimum = 1, maximum = 65535, default = 5060 },
      { "Recorded", type = "boolean" },
      { "Events", type = "array", items = { type = "string", enum = { "start", "end" } }, unordered = true },
      { "Secret", type = "string", secret = true, writeOnly = true, echo = false },
    },
  }
end

-- SIP trunks: JSON bodies with an envelope of their own, pages by token, a full update.
local function trunks()
  return {
    description = "SIP trunks", key = "id", envelope = { data = "data" }, wrap = "trunk",
    operations = {
      get = { method = "GET", path = "/trunks/{key}" },
      list = { method = "GET", path = "/trunks",
        paging = { token = "page_token", next_token = "meta.next_token", size = "page_size",
          total = "meta.total" } },
      create = { method = "POST", path = "/trunks", required = { "name" } },
      update = { method = "PATCH", path = "/trunks/{key}", required = { "name" } },
      replace = { method = "PUT", path = "/trunks/{key}" },
      delete = { method = "DELETE", path = "/trunks/{key}" },
    },
    used_by = { "numbers.trunk_id" },
    fields = {
      { "id", type = "integer", minimum = 1, readOnly = true },
      { "name", type = "string", minLength = 1 },
      { "enabled", type = "boolean", default = true },
      { "codecs", type = "array", items = { type = "string" }, maxItems = 3, uniqueItems = true },
      { "limit", type = "number", multipleOf = 0.5, exclusiveMinimum = 0, default = 1 },
      { "routing", type = "object",
        properties = { { "host", type = "string" }, { "weight", type = "integer" } } },
      { "target", oneOf = { { type = "string" }, { type = "object", properties = {
        { "kind", type = "string", enum = { "queue" } }, { "queue", type = "string" } } } } },
    },
  }
end

-- Phone numbers: updates are orders, pages are counted, and each number has a trunk.
local function numbers()
  return {
    description = "Phone numbers", key = "number",
    operations = {
      get = { method = "GET", path = "/numbers", query = { number = "{key}" } },
      list = { method = "GET", path = "/numbers", items = "numbers",
        paging = { page = "page", size = "size", total = "total" } },
      update = { method = "POST", path = "/numbers/update", key_in = "body",
        order = { status = "order_status", id = "order_id", complete = { "complete" },
          failed = { "failed" } } },
    },
    fields = {
      { "number", type = "string", format = "e164", readOnly = true },
      { "trunk_id", type = "integer", nullable = true },
      { "voice", type = "boolean" },
      { "kind", type = "string", enum = { "local", "mobile" } },
      { "label", type = "string", maxLength = 20 },
      { "order_id", type = "string", readOnly = true, echo = false },
      { "order_status", type = "string", readOnly = true, echo = false },
    },
  }
end

-- One record for each account.
local function voicemail()
  return {
    description = "Voicemail", within = { account },
    operations = {
      get = { method = "GET", path = "/Accounts/{AccountSid}/Voicemail" },
      update = { method = "PATCH", path = "/Accounts/{AccountSid}/Voicemail" },
      replace = { method = "PUT", path = "/Accounts/{AccountSid}/Voicemail" },
    },
    fields = {
      { "enabled", type = "boolean" },
      { "greeting", type = "string", default = "Hello" },
    },
  }
end

--- The description. `changes`: members of the vendor instead of its own; `scheme`: of authentication,
-- "basic", "header" or "login".
function acme.description(changes, scheme)
  return merged({
    name = "acme", title = "Acme Telephony", source = "made up for specs",
    base_url = "https://api.acme.example/v1", rate = "6000/min",
    credentials = {
      { "account_sid", type = "string", env = "ACME_ACCOUNT_SID", pattern = "^AC[0-9a-f]{32}$" },
      { "auth_token", type = "string", env = "ACME_AUTH_TOKEN", minLength = 1, secret = true },
    },
    auth = schemes[scheme or "basic"],
    errors = { message = { "errors[].detail" }, request_id = { "request_id" }, status = "status",
      documented = { 400, 401, 404, 409, 422, 429 } },
    lookups = { verified = { method = "GET", path = "/verified", description = "Verified numbers" } },
    resources = { lines = lines(), numbers = numbers(), trunks = trunks(), voicemail = voicemail() },
  }, changes)
end

return acme
