return {
  name = "acme_lines",
  base_url = "https://api.acme.example/v1",
  credentials = {
    { "account_sid", type = "string", pattern = "^AC[0-9a-f]{32}$" },
    { "auth_token", type = "string", minLength = 1, secret = true },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  within = { AccountSid = { option = "account_sid" } },
  paths = {
    ["/Accounts/{AccountSid}/Lines"] = { get = { paging = { next = "next_page_uri", size = "PageSize" } } },
    ["/Accounts/{AccountSid}/Lines/{Sid}"] = {
      name = "phone_lines",
      post = { partial = "Changes the properties that are sent, and leaves the others as they are." },
    },
  },
}
