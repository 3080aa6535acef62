--- Arguments and options that several commands have, and examples for people. commands.lua describes their
-- members.

local shared = {}

shared.EXAMPLE = "telegent.voice_routes"
shared.LIMIT_EXAMPLE = "telegent.numbers:max-changes=500"

shared.COLLECTION = { "collection", "Account and collection, such as " .. shared.EXAMPLE }

shared.ACCOUNTS = { "--accounts", "File of the accounts, instead of accounts.lua in the configuration folder",
  argument = "FILE" }

shared.ACCOUNTS_EXAMPLE = 'return { telegent = { account_key = "DID-…", account_secret = '
  .. '{ command = "pass show telegent" } } }'

shared.FIELDS = { "--fields", "Only these fields, in this order; with a dot for one within an object",
  argument = "A,B" }

shared.YES = { "--yes", "Answer the question with yes; needed where there is no terminal" }

--- The option -o with these forms; the first one is the default.
function shared.output(...)
  return { "-o --output", "Form of standard output", argument = "FORM", choices = { ... },
    default = (...) }
end

return shared
