return {
  name = "acme_trunks",
  base_url = "https://trunks.acme.example",
  credentials = { { "api_key", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "X-Acme-Key", needs = { "api_key" } },
  paths = {
    ["/trunks"] = {
      get = { paging = { token = "page[token]", next_token = "meta.next_token", size = "page[size]" } },
    },
  },
}
