-- Twilio's main API: what its OpenAPI document does not say. Each `partial` is quoted from the document.
-- The document is none of the project's: spec/support/openapi/folder.lua says where it is looked for.

return {
  digest = "99cae87a6bb1725f71363364cbd30282a13140374b2d5f9bdd5bdfa5d4c8a6d7",
  name = "twilio",
  base_url = "https://api.twilio.com",
  credentials = {
    { "account_sid", type = "string", pattern = "^AC[0-9a-fA-F]{32}$", env = "TWILIO_ACCOUNT_SID" },
    { "auth_token", type = "string", minLength = 1, env = "TWILIO_AUTH_TOKEN", secret = true },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  within = { AccountSid = { option = "account_sid" } },
  paging = { next = "next_page_uri", size = "PageSize" },
  paths = {
    ["/2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json"] = { post = { partial = "UpdateAddress" } },
    ["/2010-04-01/Accounts/{AccountSid}/Applications/{Sid}.json"] = {
      post = { partial = "Updates the application's properties" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json"] = {
      post = { partial = "Changes the status of the recording to paused, stopped, or in-progress" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json"] = {
      post = { partial = "Initiates a call redirect or terminates a call" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants/{CallSid}.json"] = {
      post = { partial = "Update the properties of the participant" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json"] = {
      post = { partial = "Changes the status of the recording to paused, stopped, or in-progress" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}.json"] = {
      post = { partial = "UpdateConference" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/ConnectApps/{Sid}.json"] = {
      post = { partial = "Update a connect-app with the specified parameters" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json"] = {
      post = { partial = "Update an incoming-phone-number instance." },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Keys/{Sid}.json"] = { post = { partial = "UpdateKey" } },
    ["/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"] = {
      post = { partial = "Update a Message resource (used to redact Message `body` text and to cancel "
          .. "not-yet-sent messages)" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds/{Sid}.json"] = {
      post = { partial = "Updates the caller-id" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Queues/{QueueSid}/Members/{CallSid}.json"] = {
      post = { partial = "Dequeue a member from a queue and have the member's call begin executing the "
          .. "TwiML document at that URL" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Queues/{Sid}.json"] = {
      post = { partial = "Update the queue with the new parameters" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SIP/CredentialLists/{CredentialListSid}/Credentials/{Sid}.json"] = {
      post = { partial = "Update a credential resource." },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SIP/CredentialLists/{Sid}.json"] = {
      post = { partial = "Update a Credential List" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SIP/Domains/{Sid}.json"] = {
      post = { partial = "Update the attributes of a domain" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses/"
      .. "{Sid}.json"] = {
      post = { partial = "Update an IpAddress resource." },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SIP/IpAccessControlLists/{Sid}.json"] = {
      post = { partial = "Rename an IpAccessControlList" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SMS/ShortCodes/{Sid}.json"] = {
      post = { partial = "Update a short code with the following parameters" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/SigningKeys/{Sid}.json"] = {
      post = { partial = "UpdateSigningKey" },
    },
    ["/2010-04-01/Accounts/{AccountSid}/Usage/Triggers/{Sid}.json"] = {
      post = { partial = "Update an instance of a usage trigger" },
    },
    ["/2010-04-01/Accounts/{Sid}.json"] = {
      post = { partial = "Modify the properties of a given Account" },
    },
  },
}
