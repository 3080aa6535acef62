--- Twilio's elastic SIP trunks, described by hand: an example of a vendor of your own (docs/your-vendor.md).
--
--   local trunking = patchbay.vendor(dofile "examples/vendors/twilio_trunking.lua") {
--     account_sid = "AC…", auth_token = "…" }
--   local urls = trunking.origination_urls:within { TrunkSid = "TK…" }
--   for url in urls:list() do print(url.SipUrl, url.Weight) end
--   trunking.recordings:within { TrunkSid = "TK…" }:one():update { … }

local function sid(prefix) return "^" .. prefix .. "[0-9a-fA-F]{32}$" end

local function field(name, rules)
  rules[1], rules.also = name, { (name:gsub("(%l)(%u)", "%1_%2"):lower()) }
  return rules
end

local function paged(path, items)
  return { method = "GET", path = path, items = items,
    paging = { next = "meta.next_page_url", size = "PageSize" },
    parameters = { { "PageSize", type = "integer", minimum = 1, maximum = 1000,
      description = "Entries a page" } } }
end

local within_trunk = { { "TrunkSid", type = "string", pattern = sid "TK", description = "The trunk" } }

local trunks = {
  description = "SIP trunks",
  key = "sid",
  identity = { "FriendlyName" },
  operations = {
    get = { method = "GET", path = "/v1/Trunks/{key}" },
    list = paged("/v1/Trunks", "trunks"),
    create = { method = "POST", path = "/v1/Trunks" },
    update = { method = "POST", path = "/v1/Trunks/{key}" },
    delete = { method = "DELETE", path = "/v1/Trunks/{key}" },
  },
  fields = {
    { "sid", type = "string", pattern = sid "TK", readOnly = true, description = "The trunk's id" },
    field("FriendlyName", { type = "string", maxLength = 64, description = "What people call it" }),
    field("DomainName", { type = "string", pattern = "pstn\\.twilio\\.com$", nullable = true,
      expected = 'a name that ends with "pstn.twilio.com"',
      description = "Where your SIP traffic to the vendor goes" }),
    field("DisasterRecoveryUrl", { type = "string", format = "uri", nullable = true,
      description = "Webhook where calls cannot be delivered to you" }),
    field("DisasterRecoveryMethod", { type = "string", enum = { "GET", "POST" }, nullable = true,
      description = "How it is called" }),
    field("TransferMode", { type = "string", enum = { "disable-all", "enable-all", "sip-only" },
      description = "Which transfers are allowed" }),
    field("TransferCallerId", { type = "string", enum = { "from-transferee", "from-transferor" },
      description = "Whose number a transferred call shows" }),
    field("Secure", { type = "boolean", description = "TLS and SRTP" }),
    field("CnamLookupEnabled", { type = "boolean", description = "Looks up the caller's name" }),
    { "symmetric_rtp_enabled", type = "boolean", readOnly = true,
      description = "Sends media back where it comes from" },
    { "auth_type", type = "string", readOnly = true, description = "How your traffic is recognised" },
    { "date_created", type = "string", readOnly = true, description = "RFC 3339" },
    { "date_updated", type = "string", readOnly = true, description = "RFC 3339" },
  },
}

local origination = "/v1/Trunks/{TrunkSid}/OriginationUrls"

local origination_urls = {
  description = "Where a trunk's calls go: your SIP addresses",
  notes = { "sips: is not supported; the trunk's Secure decides on TLS." },
  key = "sid",
  within = within_trunk,
  identity = { "SipUrl" },
  operations = {
    get = { method = "GET", path = origination .. "/{key}" },
    list = paged(origination, "origination_urls"),
    create = { method = "POST", path = origination,
      required = { "FriendlyName", "SipUrl", "Priority", "Weight", "Enabled" } },
    update = { method = "POST", path = origination .. "/{key}" },
    delete = { method = "DELETE", path = origination .. "/{key}" },
  },
  fields = {
    { "sid", type = "string", pattern = sid "OU", readOnly = true, description = "The address' id" },
    field("FriendlyName", { type = "string", maxLength = 64, description = "What people call it" }),
    field("SipUrl", { type = "string", format = "uri", scheme = "sip", description = "sip:…" }),
    field("Priority", { type = "integer", minimum = 0, maximum = 65535,
      description = "Lower is preferred" }),
    field("Weight", { type = "integer", minimum = 1, maximum = 65535,
      description = "Share of the calls among addresses of the same priority" }),
    field("Enabled", { type = "boolean", description = "Whether calls may take it" }),
  },
}

local recordings = {
  description = "Whether a trunk's calls are recorded: one record for each trunk",
  within = within_trunk,
  operations = {
    get = { method = "GET", path = "/v1/Trunks/{TrunkSid}/Recording" },
    update = { method = "POST", path = "/v1/Trunks/{TrunkSid}/Recording" },
  },
  fields = {
    field("Mode", { type = "string", enum = { "do-not-record", "record-from-ringing", "record-from-answer",
      "record-from-ringing-dual", "record-from-answer-dual" },
      description = "From when on, in one channel or two" }),
    field("Trim", { type = "string", enum = { "trim-silence", "do-not-trim" },
      description = "Whether silence at both ends is cut off" }),
  },
}

return {
  name = "twilio_trunking",
  title = "Twilio SIP trunks",
  source = "Twilio's OpenAPI document trunking_v1",
  base_url = "https://trunking.twilio.com",
  body = "form",
  credentials = {
    { "account_sid", type = "string", pattern = sid "AC", env = "TWILIO_ACCOUNT_SID",
      description = "The account, AC…" },
    { "auth_token", type = "string", minLength = 1, env = "TWILIO_AUTH_TOKEN", secret = true,
      description = "Its token" },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  errors = { message = { "message" }, status = "status", documented = { 400, 401, 404, 429 } },
  resources = { trunks = trunks, origination_urls = origination_urls, recordings = recordings },
}
