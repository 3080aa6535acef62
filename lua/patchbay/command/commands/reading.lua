--- The commands that read: list, get, describe, check. commands.lua describes the members of an entry.

local shared = require "patchbay.command.commands.shared"

return {
  {
    name = "list", module = "patchbay.command.list",
    summary = "List the records of a collection",
    details = "Records are written page by page, as they come. A list that cannot be read to its end fails.",
    arguments = { shared.COLLECTION },
    options = {
      { "--query", "One of the vendor's own query parameters; may be given several times",
        argument = "NAME=VALUE", many = true },
      shared.FIELDS,
      { "--limit", "Stop after so many records", argument = "N" },
      shared.output("table", "json", "jsonl", "csv"), shared.ACCOUNTS,
    },
    examples = {
      { "patchbay list telegent.numbers --query Filter=Active --fields Number,VoiceRouteId",
        "the active numbers and the routes they use" },
      { "patchbay list telegent.voice_routes -o jsonl | jq -r .RouteName", "the names of all routes" },
    },
  },
  {
    name = "get", module = "patchbay.command.get",
    summary = "Show one record",
    arguments = { shared.COLLECTION,
      { "key", "Key of the record; left out where a collection is one record", args = "?" } },
    options = { shared.FIELDS, shared.output("table", "json", "jsonl", "csv"), shared.ACCOUNTS },
    examples = {
      { "patchbay get telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb",
        "a route, with all its fields" },
      { "patchbay get telegent.numbers +18018018011 -o json", "a number, as JSON" },
    },
  },
  {
    name = "describe", module = "patchbay.command.describe",
    summary = "Explain an account's vendor, a collection or a field",
    details = "Nothing is sent, and no credentials are needed.",
    arguments = { { "name", "Account, collection or field, such as telegent.voice_routes.TrunkIp1; without "
      .. "one, the accounts are listed", args = "?" } },
    options = { shared.ACCOUNTS },
    examples = {
      { "patchbay describe telegent", "the collections of a vendor, and the credentials it needs" },
      { "patchbay describe telegent.voice_routes.TrunkIp1", "the values that a field takes" },
    },
  },
  {
    name = "check", module = "patchbay.command.check",
    summary = "Say whether the credentials work",
    details = "Logs in to each account and sends the cheapest read that its vendor documents. Nothing is "
      .. "changed.",
    arguments = { { "account", "Names of accounts; without one, all that have credentials", args = "*" } },
    options = { shared.output("table", "json"), shared.ACCOUNTS },
    examples = {
      { "patchbay check", "all accounts" },
      { "patchbay check telegent", "one account" },
    },
  },
}
