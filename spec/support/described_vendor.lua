-- A made-up vendor, described as a user would. Each call returns a table of its own.

return function()
  return {
    name = "acme",
    title = "Acme Voice",
    source = "Acme's pages",
    base_url = "https://api.acme.example",
    credentials = {
      { "account_sid", type = "string", env = "ACME_ACCOUNT_SID", description = "The account" },
      { "api_key", type = "string", env = "ACME_API_KEY", secret = true },
    },
    auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
    errors = { message = { "error.message" }, documented = { 400, 404 }, hints = { [404] = "check the "
      .. "Sid" } },
    resources = {
      calls = {
        description = "Calls",
        key = "Sid",
        operations = {
          get = { method = "GET", path = "/v1/calls/{key}" },
          list = { method = "GET", path = "/v1/calls", items = "calls",
            paging = { page = "Page", size = "PageSize", total = "total" },
            parameters = { { "Page", type = "integer" }, { "PageSize", type = "integer", minimum = 1 } } },
          create = { method = "POST", path = "/v1/calls", required = { "Status" } },
          update = { method = "PATCH", path = "/v1/calls/{key}" },
          delete = { method = "DELETE", path = "/v1/calls/{key}" },
        },
        fields = {
          { "Sid", type = "string", readOnly = true, description = "The call" },
          { "Status", type = "string", enum = { "open", "closed" }, description = "Its state" },
          { "Note", type = "string", maxLength = 40, nullable = true },
          { "Tags", type = "array", items = { type = "string", pattern = "^[a-z]+$" } },
          { "Target", type = "object", properties = { { "Uri", type = "string", format = "uri" },
            { "Pin", type = "string", secret = true } } },
          { "Number", type = "string", format = "e164" },
        },
      },
      numbers = {
        description = "Numbers",
        key = "Number",
        operations = {
          update = { method = "POST", path = "/v1/numbers", key_in = "body" },
          get = { method = "GET", path = "/v1/numbers", query = { number = "{key}" } },
        },
        fields = {
          { "Number", type = "string", format = "e164", readOnly = true },
          { "CallSid", type = "string" },
        },
      },
    },
  }
end
