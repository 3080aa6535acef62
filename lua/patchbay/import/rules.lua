--- Rules of fields as tables.

local core = require "patchbay.core"

local rules = {}

--- A copy of the rules of one field, which shares the tables in it.
rules.copy = core.schema.copy

return rules
