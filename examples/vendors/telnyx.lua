--- Telnyx' phone numbers and outbound voice profiles, described by hand: an example of a vendor of your own
-- (docs/your-vendor.md).
--
--   local telnyx = patchbay.vendor(dofile "examples/vendors/telnyx.lua") { api_key = "KEY…" }
--   local settings = telnyx.number_voice_settings["1293384261075731499"]
--   settings.translated_number = "+13035559999"
--   assert(settings:update())
--
-- Content is in `data`, pages are counted, and errors are lists. An update of a profile always names it.

local function switch(name, description) return { name, type = "boolean", description = description } end

local function response_only(name, description)
  return { name, type = "string", nullable = true, readOnly = true, description = description }
end

-- A list that is counted in pages; their total stands beside the data.
local function paged(path, parameters)
  local list = { method = "GET", path = path, parameters = parameters or {},
    paging = { page = "page[number]", size = "page[size]", total = "meta.total_results" } }
  table.insert(list.parameters, { "page[number]", type = "integer", minimum = 1,
    description = "The page to start with" })
  table.insert(list.parameters, { "page[size]", type = "integer", minimum = 1, maximum = 250,
    description = "Entries a page" })
  return list
end

local tags = { "tags", type = "array", items = { type = "string" }, unordered = true,
  description = "Words of your own" }

local number_id = { "id", type = "string", pattern = "^[0-9]+$", readOnly = true,
  description = "The number's id" }

local phone_numbers = {
  description = "Phone numbers: what they belong to",
  notes = { "Where their calls go is in number_voice_settings." },
  key = "id",
  identity = { "phone_number" },
  operations = {
    get = { method = "GET", path = "/phone_numbers/{key}" },
    list = paged("/phone_numbers", {
      { "filter[phone_number]", type = "string", description = "Numbers that contain these digits" },
      { "filter[tag]", type = "string", description = "Numbers with this tag" },
    }),
    update = { method = "PATCH", path = "/phone_numbers/{key}" },
    delete = { method = "DELETE", path = "/phone_numbers/{key}" },
  },
  fields = {
    number_id,
    { "phone_number", type = "string", format = "e164", readOnly = true,
      description = "The number itself" },
    { "connection_id", type = "string", nullable = true,
      description = "The connection that takes its calls" },
    { "billing_group_id", type = "string", nullable = true, description = "The group that it is billed to" },
    { "address_id", type = "string", echo = false, description = "Its address" },
    { "customer_reference", type = "string", nullable = true, description = "Text of your own" },
    { "external_pin", type = "string", nullable = true, secret = true,
      description = "What another carrier must give to take the number over" },
    switch("hd_voice_enabled", "Wide-band audio"),
    tags,
    response_only("status", '"active" for one in use'),
    response_only("phone_number_type", '"local", "toll_free" and others'),
    response_only("connection_name", "The connection's name"),
  },
}

local number_voice_settings = {
  description = "Where the calls to a phone number go; by the number's id",
  key = "id",
  operations = {
    get = { method = "GET", path = "/phone_numbers/{key}/voice" },
    update = { method = "PATCH", path = "/phone_numbers/{key}/voice" },
  },
  fields = {
    number_id,
    { "translated_number", type = "string", description = "Replaces the number that was dialled" },
    switch("tech_prefix_enabled", "Puts a technical prefix before the number"),
    switch("caller_id_name_enabled", "Looks up the caller's name"),
    { "call_forwarding", type = "object", description = "Forwards calls", properties = {
      switch("call_forwarding_enabled", "Whether the two below count"),
      { "forwards_to", type = "string", description = "A number in E.164 form; empty: not forwarded" },
      { "forwarding_type", type = "string", enum = { "always", "on-failure" }, description = "When" },
    } },
    { "cnam_listing", type = "object", description = "The name shown to the called", properties = {
      switch("cnam_listing_enabled", "Needs the name, too"),
      { "cnam_listing_details", type = "string", maxLength = 15, pattern = "^[A-Za-z0-9 ]*$",
        description = "Letters, digits and blanks" },
    } },
    { "call_recording", type = "object", description = "Records incoming calls", properties = {
      switch("inbound_call_recording_enabled", "Whether they are recorded"),
      { "inbound_call_recording_format", type = "string", enum = { "wav", "mp3" },
        description = "Of the file" },
      { "inbound_call_recording_channels", type = "string", enum = { "single", "dual" },
        description = "dual: each side in a channel of its own" },
    } },
    { "media_features", type = "object", description = "RTP and fax", properties = {
      switch("rtp_auto_adjust_enabled", "Sends media where it comes from"),
      switch("accept_any_rtp_packets_enabled", "Takes media from any of your addresses"),
      switch("t38_fax_gateway_enabled", "Takes T.38 invitations"),
    } },
    { "usage_payment_method", type = "string", enum = { "pay-per-minute", "channel" },
      description = "How its calls are billed" },
    { "inbound_call_screening", type = "string", enum = { "disabled", "reject_calls", "flag_calls" },
      description = "What happens to calls that look like fraud" },
  },
}

local outbound_voice_profiles = {
  description = "Outbound voice profiles: where calls may go, and what they may cost",
  key = "id",
  identity = { "name" },
  operations = {
    get = { method = "GET", path = "/outbound_voice_profiles/{key}" },
    list = paged "/outbound_voice_profiles",
    create = { method = "POST", path = "/outbound_voice_profiles", required = { "name" } },
    update = { method = "PATCH", path = "/outbound_voice_profiles/{key}", required = { "name" } },
    delete = { method = "DELETE", path = "/outbound_voice_profiles/{key}" },
  },
  fields = {
    { "id", type = "string", pattern = "^[0-9]+$", readOnly = true, description = "The profile's id" },
    { "name", type = "string", minLength = 3, description = "What people call it; sent with every update" },
    switch("enabled", "Disabled profiles let no call out"),
    { "concurrent_call_limit", type = "integer", nullable = true, description = "null: no limit" },
    { "whitelisted_destinations", type = "array", items = { type = "string", pattern = "^[A-Z]{2}$" },
      unordered = true, description = "Countries that may be called, by ISO 3166-1" },
    { "max_destination_rate", type = "number", description = "Dollars a minute that a call may cost" },
    { "daily_spend_limit", type = "string", pattern = "^[0-9]+(\\.[0-9]+)?$",
      expected = 'dollars in a string, such as "100.00"', description = "Of one day" },
    switch("daily_spend_limit_enabled", "Whether that limit counts"),
    { "billing_group_id", type = "string", format = "uuid", nullable = true,
      description = "The group that it is billed to" },
    tags,
  },
}

return {
  name = "telnyx",
  title = "Telnyx",
  source = "Telnyx' OpenAPI document, version 2.0.0",
  base_url = "https://api.telnyx.com/v2",
  envelope = { data = "data" },
  credentials = {
    { "api_key", type = "string", minLength = 1, env = "TELNYX_API_KEY", secret = true,
      description = "A key of API version 2" },
  },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
  errors = {
    message = { "errors[].detail", "errors[].title" },
    documented = { 400, 401, 403, 404, 422, 500 },
    hints = { [401] = "check api_key" },
  },
  resources = {
    phone_numbers = phone_numbers, number_voice_settings = number_voice_settings,
    outbound_voice_profiles = outbound_voice_profiles,
  },
}
