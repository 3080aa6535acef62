return {
  name = "acme_refusals",
  base_url = "https://api.acme.example",
  credentials = { { "api_key", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
}
