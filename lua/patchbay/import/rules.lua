--- Rules of fields as tables.

local rules = {}

--- A copy of `source`. It has room for the usual keywords from the start, as a table that grows costs more
-- than all of the rest.
function rules.copy(source)
  local new = { source[1], type = source.type, description = source.description, nullable = source.nullable,
    properties = source.properties, required = source.required, items = source.items, enum = source.enum,
    readOnly = source.readOnly }
  for keyword, value in next, source do new[keyword] = value end
  return new
end

return rules
