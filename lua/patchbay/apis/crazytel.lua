--- Crazytel, as its API pages describe it ("Update Sip Trunk" and its neighbours).
--
-- All of it is data in the words of OpenAPI; docs/descriptions.md explains the other keywords. Some paths end
-- in a slash and some do not, as the pages print them.

local password_rule = {
  { minLength = 8, expected = "at least 8 characters" },
  { pattern = "[A-Z]", expected = "at least 1 upper-case letter" },
  { pattern = "[a-z]", expected = "at least 1 lower-case letter" },
  { pattern = "[0-9]", expected = "at least 1 digit" },
}

local sip_trunks = {
  description = "SIP trunks",
  notes = {
    "An update changes the fields it names, and its response shows the whole trunk (Update Sip Trunk).",
    "The password needs 8 characters, an upper-case and a lower-case letter and a digit (same page).",
    "caller_id_number and sms_sender must be verified, and sms_sender starts with 614 (same page).",
    "id and username cannot be changed (same page).",
    "A 500 means that the vendor's backend could not be reached: the outcome is unknown (same page).",
    'No page says how to read one: confirm(), fetch() and update{ wait = … } need undocumented = "allow".',
  },
  silent = {
    "Reading, listing and deleting trunks.",
    "Which fields responses show, and whether the password is among them.",
    "Whether null clears a field, and the effect of an empty update.",
  },
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
    { "id", type = "string", format = "uuid", readOnly = true, description = "The trunk",
      remedy = "the trunk's id cannot be changed" },
    { "username", type = "string", readOnly = true, description = 'SIP user name: "CT" and six digits',
      remedy = "the vendor generates it, and it cannot be changed" },
    { "enabled", type = "boolean", description = "false suspends the trunk" },
    { "password", type = "string", secret = true, echo = false, allOf = password_rule,
      description = "SIP password" },
    { "area_code", type = "string", description = 'Area code with its leading zero: "02"' },
    { "caller_id_number", type = "string", format = "phone", verified = "verified_numbers",
      description = "A number that is verified for the account, without +" },
    { "description", type = "string", description = "The name that people give the trunk" },
    { "hide_caller_id", type = "boolean",
      description = "Calls show no number; may affect international calls" },
    { "sms_sender", type = "string", format = "phone", pattern = "^614", verified = "verified_numbers",
      expected = 'a verified number that starts with "614", such as "61412345678"',
      description = "Number that SMS are sent from; the same one on several trunks links their SMS" },
    { "softphone_show_balance", type = "boolean", description = "The vendor's softphone shows the balance" },
    { "softphone_sync_sms", type = "boolean", description = "The vendor's softphone keeps SMS in step" },
  },
}

local phone_numbers = {
  description = "Phone numbers (DIDs) and their routing",
  notes = {
    "The number stands in the body; the path has no id (Update Did Config).",
    "A number cannot be read at all but through the list.",
  },
  silent = {
    "Whether an update leaves other fields as they are, and its response.",
    "The types of the values in block_prefs and sms_routes, and of primary_timeout: any value is taken.",
    "The other kinds of routes.",
  },
  key = "did_number",
  operations = {
    update = { method = "PATCH", path = "/api/v1/phone-numbers", key_in = "body", answer = "undocumented" },
    list = { method = "GET", path = "/api/v1/phone-numbers", undocumented = true },
  },
  fields = {
    { "did_number", type = "string", format = "phone", pattern = "^[0-9]+$", readOnly = true,
      description = "The number",
      expected = 'digits with the country code and without +, such as "61291234567"' },
    { "description", type = "string", description = "The name that people give the number" },
    { "primary_route", type = "string",
      description = 'Where calls go; "congestion", "device" and "server" are known' },
    { "primary_destination", type = "string", description = "For routes that need one" },
    -- "seconds"; whether a number or text is not documented.
    { "primary_timeout", description = "Seconds" },
    { "backup_route", type = "string", description = "Of the same kinds as primary_route" },
    { "backup_destination", type = "string", description = "For routes that need one" },
    { "block_prefs", type = "object", properties = {
      { "block_invalid" }, { "block_hidden" }, { "block_international" }, { "block_landline" },
      { "block_mobile" }, { "block_list" }, { "allow_list" }, { "route" }, { "destination" } },
      description = "The blocked and allowed calls" },
    { "sms_routes", type = "object", properties = { { "route" }, { "destination" } },
      description = "Where SMS go; virtual mobile numbers only" },
    { "address_id", type = "string", format = "uuid", description = "Registered, for emergency services" },
    { "person_id", type = "string", format = "uuid", description = "Registered, for emergency services" },
  },
}

return {
  name = "crazytel",
  title = "Crazytel",
  source = 'Crazytel, pages "Update Sip Trunk", "Create Sip Trunk" and "Update Did Config", and the '
    .. "getting-started guide",
  notes = { "60 requests a minute for an account (guide): clients keep to it." },
  silent = { "Error bodies, and when a 429 ends.", "Whether doing a call twice is told from doing it once." },
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
    documented = { 400, 401, 404, 422, 429, 500 },
    hints = {
      [400] = "caller_id_number and sms_sender must be verified, and sms_sender start with 614",
      [401] = "check api_key",
      [422] = "the password needs 8 characters, an upper-case and a lower-case letter, and a digit",
    },
  },
  lookups = {
    -- The shape of the response is not documented: any list of strings or objects is read.
    verified_numbers = { method = "GET", path = "/api/v1/account/verified-cli/", flag = "verified",
      description = "The numbers that are verified for the account" },
  },
  resources = { sip_trunks = sip_trunks, phone_numbers = phone_numbers },
}
