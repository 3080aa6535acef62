--- Vonage's applications, described by hand: an example of a vendor of your own (docs/your-vendor.md).
--
--   local vonage = patchbay.vendor(dofile "examples/vendors/vonage.lua") { api_key = "…", api_secret = "…" }
--   local application = assert(vonage.applications:get "78d335fa-323d-0114-9c3d-d6f0d48968cf")
--   application.capabilities.voice.webhooks.answer_url.address = "https://example.com/answer"
--   assert(application:replace { reset_missing = true })
--
-- The vendor has a full update (PUT) and no partial one: replace() sends the application as it was read, with
-- the changes. reset_missing: responses leave out the webhooks that an application does not have.

local function webhook(name, description)
  return { name, type = "object", description = description, properties = {
    { "address", type = "string", format = "uri", description = "Where it is" },
    { "http_method", type = "string", enum = { "GET", "POST" }, description = "How it is called" },
    { "connection_timeout", type = "integer", minimum = 0,
      description = "Milliseconds until it is connected" },
    { "socket_timeout", type = "integer", minimum = 0, description = "Milliseconds until it answers" },
  } }
end

-- A product that is passed on as it is.
local function other(name, description)
  return { name, type = "object", additionalProperties = true, description = description }
end

local applications = {
  description = "Applications: the webhooks that the numbers linked to them use",
  silent = { "What a full update does to a product that it does not name; so all of them are sent back." },
  key = "id",
  identity = { "name" },
  operations = {
    get = { method = "GET", path = "/v2/applications/{key}" },
    list = { method = "GET", path = "/v2/applications", items = "_embedded.applications",
      paging = { page = "page", size = "page_size", total = "total_items" },
      parameters = {
        { "page", type = "integer", minimum = 1, description = "The page to start with" },
        { "page_size", type = "integer", minimum = 1, maximum = 100, description = "Applications a page" },
      } },
    create = { method = "POST", path = "/v2/applications", required = { "name" } },
    replace = { method = "PUT", path = "/v2/applications/{key}" },
    delete = { method = "DELETE", path = "/v2/applications/{key}" },
  },
  fields = {
    { "id", type = "string", format = "uuid", readOnly = true, description = "The application's id" },
    { "name", type = "string", minLength = 1, description = "What people call it" },
    { "capabilities", type = "object", description = "What the application does", properties = {
      { "voice", type = "object", description = "Calls", properties = {
        { "webhooks", type = "object", description = "Who is told of calls", properties = {
          webhook("answer_url", "Asked what to do with a call"),
          webhook("fallback_answer_url", "Asked where that one fails"),
          webhook("event_url", "Told what happens to a call"),
        } },
        { "region", type = "string", description = "Where calls are handled, such as eu-west" },
        { "conversations_ttl", type = "integer", minimum = 1,
          description = "Hours that conversations are kept" },
        { "signed_callbacks", type = "boolean", description = "Whether webhooks are signed" },
      } },
      other("messages", "Messages"),
      other("rtc", "Calls within applications"),
      other("verify", "Verification"),
      other("vbc", "Vonage Business Communications"),
    } },
    { "keys", type = "object", description = "The key that your calls are signed with", properties = {
      { "public_key", type = "string", description = "In PEM form" },
      { "private_key", type = "string", secret = true, readOnly = true,
        description = "Shown once, where the vendor made the pair" },
    } },
    { "privacy", type = "object", description = "Use of your data", properties = {
      { "improve_ai", type = "boolean", description = "Whether the vendor may train with it" },
    } },
  },
}

return {
  name = "vonage",
  title = "Vonage",
  source = 'Vonage\'s page "Application API", version 2',
  base_url = "https://api.nexmo.com",
  credentials = {
    { "api_key", type = "string", minLength = 1, env = "VONAGE_API_KEY", description = "Of the account" },
    { "api_secret", type = "string", minLength = 1, env = "VONAGE_API_SECRET", secret = true },
  },
  auth = { scheme = "basic", user = "api_key", password = "api_secret" },
  errors = {
    message = { "detail", "title" },
    request_id = { "instance" },
    documented = { 400, 401, 404 },
    hints = { [401] = "check api_key and api_secret" },
  },
  resources = { applications = applications },
}
