--- Crazytel, as its API pages describe it ("Update Sip Trunk" and its neighbours).
--
-- Everything here is data in OpenAPI's words; what the words beyond OpenAPI's mean is in
-- docs/descriptions.md. Some paths end in a slash and some do not, as the pages print them.

local password_rule = {
  { minLength = 8, expected = "at least 8 characters" },
  { pattern = "[A-Z]", expected = "at least 1 upper-case letter" },
  { pattern = "[a-z]", expected = "at least 1 lower-case letter" },
  { pattern = "[0-9]", expected = "at least 1 digit" },
}

local sip_trunks = {
  description = "SIP trunks",
  key = "id",
  operations = {
    update = { method = "PATCH", path = "/api/v1/sip-trunks/{key}" },
    create = { method = "POST", path = "/api/v1/sip-trunks/", required = { "password", "caller_id_number" } },
    -- No page was found; the paths follow update's pattern.
    get = { method = "GET", path = "/api/v1/sip-trunks/{key}", undocumented = true },
    list = { method = "GET", path = "/api/v1/sip-trunks/", undocumented = true },
    delete = { method = "DELETE", path = "/api/v1/sip-trunks/{key}", undocumented = true },
  },
  fields = {
    { "id", type = "string", format = "uuid", readOnly = true,
      remedy = "the trunk's id cannot be changed" },
    { "username", type = "string", readOnly = true,
      remedy = "the vendor generates it, and it cannot be changed" },
    { "enabled", type = "boolean", description = "false suspends the trunk" },
    { "password", type = "string", secret = true, echo = false, allOf = password_rule },
    { "area_code", type = "string", description = 'With its leading zero: "02"' },
    { "caller_id_number", type = "string", verified = "verified_numbers",
      description = "A number that is verified for the account, without +" },
    { "description", type = "string" },
    { "hide_caller_id", type = "boolean", description = "May affect international calls" },
    { "sms_sender", type = "string", pattern = "^614", verified = "verified_numbers",
      expected = 'a verified number that starts with "614", such as "61412345678"' },
    { "softphone_show_balance", type = "boolean" },
    { "softphone_sync_sms", type = "boolean" },
  },
}

local phone_numbers = {
  description = "Phone numbers (DIDs) and their routing",
  key = "did_number",
  operations = {
    update = { method = "PATCH", path = "/api/v1/phone-numbers", key_in = "body", answer = "undocumented" },
    list = { method = "GET", path = "/api/v1/phone-numbers", undocumented = true },
  },
  fields = {
    { "did_number", type = "string", pattern = "^[0-9]+$", readOnly = true,
      expected = 'digits with the country code and without +, such as "61291234567"' },
    { "description", type = "string" },
    { "primary_route", type = "string", description = '"congestion", "device" and "server" are known' },
    { "primary_destination", type = "string" },
    -- "seconds"; whether as number or text is not said.
    { "primary_timeout", description = "Seconds" },
    { "backup_route", type = "string" },
    { "backup_destination", type = "string" },
    { "block_prefs", type = "object", properties = {
      { "block_invalid" }, { "block_hidden" }, { "block_international" }, { "block_landline" },
      { "block_mobile" }, { "block_list" }, { "allow_list" }, { "route" }, { "destination" } } },
    { "sms_routes", type = "object", properties = { { "route" }, { "destination" } },
      description = "Virtual mobile numbers only" },
    { "address_id", type = "string", format = "uuid" },
    { "person_id", type = "string", format = "uuid" },
  },
}

return {
  name = "crazytel",
  base_url = "https://crazytel.io",
  rate = "60/min",
  credentials = {
    { "api_key", type = "string", env = "CRAZYTEL_API_KEY", minLength = 1, secret = true,
      description = "The account's key" },
  },
  auth = {
    scheme = "header",
    header = "x-crazytel-api-key",
    needs = { "api_key" },
    secret_names = { "api_key" },
  },
  errors = {
    message = { "detail", "error.message", "message", "error" },
    request_id = { "request_id" },
    hints = {
      [400] = "caller_id_number and sms_sender must be verified, and sms_sender start with 614",
      [401] = "check api_key",
      [422] = "the password needs 8 characters, an upper-case and a lower-case letter, and a digit",
    },
  },
  lookups = {
    -- What the answer looks like is not documented: any list of texts or objects is read.
    verified_numbers = { method = "GET", path = "/api/v1/account/verified-cli/", flag = "verified",
      description = "The numbers that are verified for the account" },
  },
  resources = { sip_trunks = sip_trunks, phone_numbers = phone_numbers },
}
