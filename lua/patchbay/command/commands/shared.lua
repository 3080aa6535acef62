--- Arguments and options that several commands have. commands.lua says of what they consist.

local shared = {}

shared.COLLECTION = { "collection", "Account and collection, such as telegent.voice_routes" }

shared.ACCOUNTS = { "--accounts", "File of the accounts, instead of accounts.lua in the configuration folder",
  argument = "FILE" }

shared.FIELDS = { "--fields", "Only these fields, in this order; with a dot for one within an object",
  argument = "A,B" }

shared.YES = { "--yes", "Answer the question with yes; needed where there is no terminal" }

--- The option -o with these forms; the first one is the default.
function shared.output(...)
  return { "-o --output", "Form of standard output", argument = "FORM", choices = { ... },
    default = (...) }
end

return shared
