-- Twilio's SIP trunks: what its OpenAPI document does not say. Each `partial` is quoted from the document.
-- The document is none of the project's: spec/support/openapi/folder.lua says where it is looked for.

return {
  digest = "d34f2c6352fa8060a0b816240b6baa2a6237629e06b60878da06b4429b758c2d",
  name = "twilio_trunking",
  base_url = "https://trunking.twilio.com",
  credentials = {
    { "account_sid", type = "string", pattern = "^AC[0-9a-fA-F]{32}$", env = "TWILIO_ACCOUNT_SID" },
    { "auth_token", type = "string", minLength = 1, env = "TWILIO_AUTH_TOKEN", secret = true },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  paging = { next = "meta.next_page_url", size = "PageSize" },
  paths = {
    ["/v1/Trunks/{Sid}"] = { post = { partial = "UpdateTrunk" } },
    ["/v1/Trunks/{TrunkSid}/OriginationUrls/{Sid}"] = { post = { partial = "UpdateOriginationUrl" } },
  },
}
