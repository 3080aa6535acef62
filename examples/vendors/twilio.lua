--- Twilio's phone numbers, described by hand: an example of a vendor of your own (docs/your-vendor.md).
--
--   local twilio = patchbay.vendor(dofile "examples/vendors/twilio.lua") {
--     account_sid = "AC…", auth_token = "…" }
--   for number in twilio.phone_numbers:list() do print(number.phone_number, number.VoiceUrl) end
--
-- Bodies are forms, and their names are spelt in another way than those of responses: FriendlyName is shown
-- as friendly_name (`also`). SIP trunks have a server of their own: twilio_trunking.lua.

local function sid(prefix) return "^" .. prefix .. "[0-9a-fA-F]{32}$" end

local method = { "GET", "POST" }

-- "VoiceUrl" is "voice_url" in responses.
local function shown_as(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

local function field(name, rules)
  rules[1], rules.also = name, { shown_as(name) }
  return rules
end

local function url(name, description)
  return field(name, { type = "string", format = "uri", nullable = true, description = description })
end

local function method_of(name, description)
  return field(name, { type = "string", enum = method, nullable = true, description = description })
end

local function reference(name, prefix, description)
  return field(name, { type = "string", pattern = sid(prefix), nullable = true, description = description })
end

local function response_only(name, description)
  return { name, type = "string", nullable = true, readOnly = true, description = description }
end

local numbers = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers"

local phone_numbers = {
  description = "Phone numbers of the account, and where their calls and messages go",
  notes = { "A number with a trunk or an application ignores its own addresses for calls." },
  silent = { "Whether an update leaves what it does not name as it is. It does, as clients rely on." },
  key = "sid",
  identity = { "phone_number" },
  within = { { "AccountSid", type = "string", pattern = sid "AC", option = "account_sid",
    description = "The account; the client's own unless another one is given" } },
  operations = {
    get = { method = "GET", path = numbers .. "/{key}.json" },
    list = { method = "GET", path = numbers .. ".json", items = "incoming_phone_numbers",
      paging = { next = "next_page_uri", size = "PageSize" },
      parameters = {
        { "PageSize", type = "integer", minimum = 1, maximum = 1000, description = "Numbers a page" },
        { "PhoneNumber", type = "string", description = "Numbers that contain these digits" },
        { "FriendlyName", type = "string", description = "Numbers of exactly this name" },
      } },
    update = { method = "POST", path = numbers .. "/{key}.json" },
    delete = { method = "DELETE", path = numbers .. "/{key}.json" },
  },
  fields = {
    { "sid", type = "string", pattern = sid "PN", readOnly = true, description = "The number's id" },
    { "phone_number", type = "string", format = "e164", readOnly = true,
      description = "The number itself" },
    { "account_sid", type = "string", pattern = sid "AC", readOnly = true, description = "Its account" },
    field("FriendlyName", { type = "string", maxLength = 64, description = "What people call it" }),
    url("VoiceUrl", "Webhook for calls"),
    method_of("VoiceMethod", "How it is called"),
    url("VoiceFallbackUrl", "Webhook where that one fails"),
    method_of("VoiceFallbackMethod", "How that is called"),
    url("StatusCallback", "Webhook for what becomes of calls"),
    method_of("StatusCallbackMethod", "How that is called"),
    reference("VoiceApplicationSid", "AP", "Application that handles calls, instead of the addresses"),
    reference("TrunkSid", "TK", "SIP trunk that takes calls, instead of addresses and application"),
    field("VoiceReceiveMode", { type = "string", enum = { "voice", "fax" }, nullable = true,
      description = "Whether incoming calls are calls or faxes" }),
    field("VoiceCallerIdLookup", { type = "boolean", nullable = true,
      description = "Looks up the caller's name; costs money" }),
    url("SmsUrl", "Webhook for messages"),
    method_of("SmsMethod", "How it is called"),
    url("SmsFallbackUrl", "Webhook where that one fails"),
    method_of("SmsFallbackMethod", "How that is called"),
    reference("SmsApplicationSid", "AP", "Application that handles messages, instead of the addresses"),
    field("EmergencyStatus", { type = "string", enum = { "Active", "Inactive" }, nullable = true,
      description = "Whether emergency calls are enabled" }),
    reference("EmergencyAddressSid", "AD", "Address for emergency services"),
    reference("AddressSid", "AD", "Address that local rules ask for"),
    reference("IdentitySid", "RI", "Identity that local rules ask for"),
    reference("BundleSid", "BU", "Bundle of documents that local rules ask for"),
    { "AccountSid", type = "string", echo = false, refused = "it moves the number to another account, where "
      .. "this client does not find it any more" },
    response_only("status", "State of the number"),
    response_only("type", "Kind of the number"),
    response_only("origin", "Whether it is the vendor's or hosted"),
    response_only("date_created", "RFC 2822"),
    response_only("date_updated", "RFC 2822"),
  },
}

return {
  name = "twilio",
  title = "Twilio",
  source = "Twilio's OpenAPI document api_v2010, and its pages about IncomingPhoneNumber and errors",
  base_url = "https://api.twilio.com",
  body = "form",
  credentials = {
    { "account_sid", type = "string", pattern = sid "AC", env = "TWILIO_ACCOUNT_SID",
      description = "The account, AC…" },
    { "auth_token", type = "string", minLength = 1, env = "TWILIO_AUTH_TOKEN", secret = true,
      description = "Its token" },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  errors = {
    message = { "message" },
    status = "status",
    documented = { 400, 401, 403, 404, 429, 500, 503 },
    hints = { [401] = "check account_sid and auth_token" },
  },
  resources = { phone_numbers = phone_numbers },
}
