return {
  name = "acme_odata",
  base_url = "https://pbx.acme.example/xapi/v1",
  credentials = { { "token", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } },
  paths = { ["/Users"] = { get = { paging = { offset = "$skip", limit = "$top",
    total = "@odata.count" } } } },
}
