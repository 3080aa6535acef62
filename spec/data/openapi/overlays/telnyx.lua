-- Telnyx: what its OpenAPI document does not say. Each `partial` is quoted from the document.
-- The document is none of the project's: spec/support/openapi/folder.lua says where it is looked for.

return {
  digest = "a425c5055e8d2bf4cc5d4db716c8fac29ec7c1daf6d2b3aa6e0669b45c8a9bb7",
  name = "telnyx",
  base_url = "https://api.telnyx.com/v2",
  credentials = { { "api_key", type = "string", minLength = 1, env = "TELNYX_API_KEY", secret = true } },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
  paging = { page = "page[number]", size = "page[size]", total = "meta.total_results" },
  paths = {
    ["/ai/assistants/{assistant_id}"] = { post = { partial = "Update an AI Assistant's attributes." } },
    ["/ai/assistants/{assistant_id}/versions/{version_id}"] = {
      post = { partial = "Updates the configuration of a specific assistant version. Can not update main "
          .. "version" },
    },
    ["/conferences/{id}/actions/update"] = {
      post = { partial = "Update conference participant supervisor_role" },
    },
    ["/queues/{queue_name}"] = { post = { partial = "Update properties of an existing call queue." } },
    ["/texml/Accounts/{account_sid}/Calls/{call_sid}"] = { post = { partial = "Update TeXML call" } },
    ["/texml/Accounts/{account_sid}/Conferences/{conference_sid}"] = {
      post = { partial = "Updates a conference resource." },
    },
    ["/texml/Accounts/{account_sid}/Conferences/{conference_sid}/Participants/"
      .. "{call_sid_or_participant_label}"] = {
      post = { partial = "Updates a conference participant" },
    },
    ["/texml/Accounts/{account_sid}/Queues/{queue_sid}"] = {
      post = { partial = "Updates a queue resource." },
    },
  },
}
