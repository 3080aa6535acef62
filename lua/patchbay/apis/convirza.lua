--- Convirza V3, as its API pages describe it ("Update Provisioned Route", last modified 2026-04-03).
--
-- All of it is data in the words of OpenAPI; docs/descriptions.md explains the other keywords. The page shows
-- an example and no schema: types are the example's, and nothing else (required fields, enumerations, limits)
-- is made up.

-- Text of digits, as in the example.
local function digits(name, example, description)
  return { name, type = "string", pattern = "^[0-9]+$", description = description,
    expected = ('digits in a string, such as "%s"'):format(example) }
end

-- A boolean as text, which is "1" in the example.
local function flag(name)
  return { name, type = "string", pattern = "^[01]$", expected = '"1" or "0"',
    description = 'A boolean as text: "1"' }
end

local function field(name, type_name, description)
  return { name, type = type_name, description = description }
end

-- A telephone number: only the digits of a response's value count.
local function phone(name, description)
  return { name, type = "string", format = "phone", description = description }
end

local function object(name, properties, description)
  return { name, type = "object", properties = properties, description = description }
end

local function list(name, items, description)
  return { name, type = "array", items = items, description = description }
end

local config = object("config", {
  phone("ringto", "Ten digits, without +1"),
  field("isSimultaneousRing", "boolean"),
  field("click_to_call_enabled", "boolean"),
  field("dnis_as_cid", "string", '"phone_number" is known'),
  field("voice_prompt", "string", "A text in the example"),
  field("whisper_enabled", "boolean"),
  field("whisper_type", "string", '"file" is known'),
  field("whisper_message", "string", "A text in the example"),
  flag "ftc_whisper_enabled",
  field("ftc_whisper_type", "string", '"file" is known'),
  field("ftc_whisper_message", "string", "An id in the example"),
  flag "message_enabled",
  field("message_type", "string", '"file" is known'),
  field("message", "string", "An id in the example"),
  field("activate_voicemail", "boolean"),
  field("voicemail_greeting", "string", "A text in the example"),
  field("activate_voiceagent", "boolean"),
  field("is_ODN_enabled", "boolean"),
  field("click_to_call", "boolean", "Another switch than click_to_call_enabled"),
  field("play_disclaimer", "string", '"before" is known'),
  field("play_on_hold_enabled", "boolean"),
  field("play_on_hold_message", "string", "Empty in the example"),
  field("play_on_hold_message_type", "string", "Empty in the example"),
  field("record_call", "boolean"),
  list("overflowNumbers", { type = "object", properties = {
    phone("number", 'Formatted: "(111)-111-1110"'),
    digits("rings", "3", 'A number as text: "3"'),
    field("overflow_order", "integer"),
    phone("unmaskNumber", "The same digits, not formatted"),
    phone("overflowNumber", "The same digits, not formatted"),
  } }),
  { "assigned_agent_id", nullable = true,
    description = "Null in the example: other values are not shown" },
  field("route_voice_agent_enabled", "boolean", "How it differs from activate_voiceagent is not said"),
  field("voice_agent_rings_count", "integer"),
  field("voice_agent_id", "integer"),
  digits("voicemail_rings_count", "3", 'A number as text: "3"'),
  object("hunt_options", {
    field("type", "string", '"round_robin" is known'),
    list("options", { type = "object", properties = {
      phone("destination", "Digits"), field("order", "integer") } }),
  }),
})

local provisioned_routes = {
  description = "Provisioned routes: the treatment of calls to a tracking number",
  notes = {
    "The full update resets every field that it does not name, so replace() refuses while one is not known "
      .. "(Update Provisioned Route).",
    'Odd types stay as they are: "1", "3" and "1080" are strings where the example has strings (same page).',
    "Responses do not show the route, so after an update the sent values are the state (same page).",
    "Admin and Standard users may update, ReadOnly may not (same page).",
  },
  silent = {
    "How the partial update treats nested objects and lists: the whole top-level object is sent.",
    "Which fields are required, their limits, and the values they may have beyond the example's.",
    "The value to which a full update resets a field.",
    "How a route is read, listed, created and deleted; the paths follow the pattern of the two updates, the "
      .. "list's that of other lists.",
    "Whether a read has the fields of the update.",
  },
  key = "provisioned_route_id",
  operations = {
    update = { method = "PATCH", path = "/v3/provisioned-routes/{key}", answer = "undocumented" },
    replace = { method = "PUT", path = "/v3/provisioned-routes/{key}", answer = "acknowledgement" },
    -- Named in the vendor's menu. The paths follow the documented pattern, that of list its sister resources.
    get = { method = "GET", path = "/v3/provisioned-routes/{key}", undocumented = true },
    list = { method = "GET", path = "/v3/provisioned-routes/list", undocumented = true,
      paging = { offset = "offset", limit = "limit", total = "total" },
      parameters = {
        { "limit", type = "integer", minimum = 1, maximum = 200 },
        { "offset", type = "integer", minimum = 0 },
      } },
    create = { method = "POST", path = "/v3/provisioned-routes", undocumented = true,
      answer = "acknowledgement" },
    delete = { method = "DELETE", path = "/v3/provisioned-routes/{key}", undocumented = true },
  },
  fields = {
    { "provisioned_route_id", type = "integer", minimum = 0, readOnly = true, description = "The route" },
    field("provisioned_route_name", "string", "The name that people give the route"),
    field("provisioned_route_status", "string", '"active" is known'),
    field("call_value", "number", "Conversion value"),
    field("repeat_interval", "integer", "30 in the example; the unit is not said"),
    field("org_unit_id", "integer"),
    field("webhook_id", "integer", "How to detach one is not said"),
    field("sms_enabled", "boolean"),
    field("spam_enabled", "boolean"),
    object("sms_settings", {
      list("assigned_users", { type = "integer" }),
      field("sms_notifications", "boolean"),
      field("email_notifications", "boolean"),
      field("unclaimed_sms", "boolean"),
    }),
    list("customSourceList", { type = "object", properties = {
      digits("custom_source_id", "1080", 'A number as text: "1080"'),
      field("custom_source_type", "string", '"CS1" is known'),
    } }),
    object("routing_configuration", { field("routing_type", "string", '"simple" is known'), config }),
  },
}

return {
  name = "convirza",
  title = "Convirza",
  source = 'Convirza V3, pages "Update Provisioned Route" (last modified 2026-04-03), "Get Access Token" '
    .. 'and "Refresh Access Token"',
  notes = {
    "The token lives 7 days from its last use. A refresh token is good for one use, so two processes that "
      .. "share one use token_cache, or tokens and on_tokens.",
    "401 is also the response for an org unit outside the account's scope.",
    "Logins: 10 a minute for an address.",
  },
  silent = {
    "The names of e-mail and password in the login body: the option login_fields has them.",
    "Error bodies, and how many requests are allowed.",
  },
  base_url = "https://platform-api.convirza.com",
  envelope = { code = "code", data = "data", request_id = "request_id", message = "message",
    timestamp = "timestamp" },
  credentials = {
    { "email", type = "string", env = "CONVIRZA_EMAIL", minLength = 1, description = "Of the user" },
    { "password", type = "string", env = "CONVIRZA_PASSWORD", minLength = 1, secret = true },
    { "token", type = "string", env = "CONVIRZA_TOKEN", minLength = 1, secret = true,
      description = "An access token of your own to start with; alone it is used until it is refused" },
  },
  options = {
    { "login_url", type = "string", format = "uri",
      description = "Root of the login server; base_url if that is given, else the vendor's" },
    { "login_fields", type = "object", properties = {
        { "email", type = "string", minLength = 1 }, { "password", type = "string", minLength = 1 } },
      description = "The names of e-mail and password in the login body, which the vendor does not document. "
        .. 'By default { email = "email", password = "password" }' },
    { "tokens", annotation = "table|fun(): table?",
      description = "Tokens to start with, as on_tokens got them; or a function that gives them, asked again "
        .. "when they are refused" },
    { "on_tokens", annotation = "fun(tokens: table)",
      description = "A function: gets new tokens, to store them, as a refresh token is good for one use" },
  },
  auth = {
    scheme = "login",
    base_url = "https://platform-oauth.convirza.com", host_option = "login_url",
    header = "Authorization", prefix = "Bearer ",
    needs = { "email", "password" },
    secret_names = { "password", "access_token", "refresh_token", "frontend_token" },
    login = {
      method = "POST", path = "/oauth/token", names_option = "login_fields",
      body = { { "email", "email" }, { "password", "password" } },
      -- An ISO time, despite its name. Every call extends it, so it is a lower bound.
      token = "access_token", expiry = "expires_in", expiry_format = "date-time",
      refresh = "refresh_token",
    },
    refresh = {
      method = "POST", path = "/oauth/refresh-token", once = true,
      body = { { "refresh_token", "refresh_token" } },
    },
    stored = { "access_token", "refresh_token", "token_type", "expires_in", "refresh_expires_in" },
    renew_on = { 401 },
  },
  errors = {
    message = { "message", "error.message", "error", "detail", "data.message" },
    fields = { "errors" },
    request_id = { "request_id" },
    documented = { 400, 401, 404, 500 },
    hints = {
      [401] = "the login, the token, or an org unit outside the account's scope was refused",
      [403] = "the role of this user may not do this (ReadOnly may not)",
    },
  },
  resources = { provisioned_routes = provisioned_routes },
}
