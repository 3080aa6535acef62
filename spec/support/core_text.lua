-- Patterns and formats of the core, through schemas with one rule each.

local schema = require("patchbay.core").schema

local support = {}

--- A pattern: an object with `match(self, text)`; or nil and the error.
function support.pattern(source)
  local good, compiled = pcall(schema.compile, { type = "string", pattern = source })
  if good then
    return { match = function(_, text) return (schema.check(compiled, text)) end }
  end
  -- description: pattern "…": message (at byte n); or, of one that is not UTF-8, the latter without it
  local message = tostring(compiled)
  return nil, message:match '.*": (.*)$' or message:match "^description: pattern (.*)$"
end

-- Refuses every text, without a hint.
local refusing = schema.compile { type = "string", pattern = "[]" }

--- Whether the text has the format. If not, also the expected form, and the hint or nil.
function support.format(name, text)
  local good, message = schema.check(schema.compile { type = "string", format = name }, text)
  if good then return true end
  local _, shown = schema.check(refusing, text)
  shown = shown:match "^expected text that matches %S+, got (.*)$"
  if not shown then return false, nil, nil end -- not valid UTF-8
  local start = message:find(", got " .. shown, 1, true)
  local hint = message:sub(start + #", got " + #shown)
  return false, message:sub(#"expected " + 1, start - 1), hint:match "^; (.*)$"
end

return support
