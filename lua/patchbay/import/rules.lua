--- Rules of fields as tables.

local core = require "patchbay.core"

local rules = {}

--- A copy of the rules of one field, or of a list of them, which shares the tables in it.
rules.copy = core.schema.copy

return rules
