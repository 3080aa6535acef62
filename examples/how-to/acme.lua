-- The description of a made-up vendor, as docs/your-vendor.md develops it. With the command patchbay and the
-- server that simulates it:
--
--   eval "$(bin/patchbay-sandbox --description examples/how-to/acme.lua --background)"

return {
  name = "acme",
  base_url = "https://api.acme.example/v1",
  credentials = {
    { "api_key", type = "string", minLength = 1, env = "ACME_API_KEY", secret = true },
  },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
  errors = { message = { "error.message" } },
  resources = {
    numbers = {
      key = "number",
      operations = {
        get = { method = "GET", path = "/numbers/{key}" },
        list = { method = "GET", path = "/numbers", items = "numbers",
          paging = { page = "page", size = "size", total = "total" } },
        update = { method = "PATCH", path = "/numbers/{key}" },
      },
      fields = {
        { "number", type = "string", format = "e164", readOnly = true },
        { "label", type = "string", maxLength = 40 },
        { "forward_to", type = "string", format = "uri" },
        { "mode", type = "string", enum = { "sip", "webhook" } },
        { "recorded", type = "boolean" },
      },
    },
  },
}
