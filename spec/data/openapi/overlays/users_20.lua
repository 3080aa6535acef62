return {
  name = "acme_pbx",
  base_url = "https://pbx.acme.example/api",
  credentials = { { "token", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "X-Auth-Token", needs = { "token" } },
  paths = {
    ["/users"] = { get = { paging = { offset = "offset", limit = "limit", total = "total" } } },
    ["/users/{user_id}"] = {
      put = { partial = "When a user is updated via PUT, only the values that are sent change." },
    },
  },
}
