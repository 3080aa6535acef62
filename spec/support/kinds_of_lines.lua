--- Lines of a made-up vendor that are of several kinds: the fields of one kind are not valid beside those of
-- another (`payload` in a description).

local acme = require "spec.support.acme"

local kinds_of_lines = {}

--- The rules of a kind, whose `kind` is `word`; more properties follow.
function kinds_of_lines.kind(word, required, ...)
  return { type = "object", required = required,
    properties = { { "kind", type = "string", const = word }, { "name" }, ... } }
end

--- The description and its resource `lines`, without rules for payloads. `more`: further fields.
function kinds_of_lines.description(more)
  local described = acme.description()
  local lines = described.resources.lines
  lines.fields = {
    { "id", type = "string", readOnly = true },
    { "kind", type = "string", enum = { "sip", "number" } },
    { "name", type = "string" },
    { "uri", type = "string" },
    { "pin", type = "string", secret = true },
  }
  for _, field in ipairs(more or {}) do table.insert(lines.fields, field) end
  return described, lines
end

return kinds_of_lines
