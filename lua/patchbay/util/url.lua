--- Builds paths and queries from a script's values, all percent-encoded.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local url = {}

--- `template` with {key} replaced by the percent-encoded key.
function url.fill(template, key)
  return (template:gsub("{key}", function() return core.text.percent_encode(text.of(key)) end))
end

--- A query string ("?a=1&b=2", "" for none) from a table of strings, whole numbers and booleans. Names are
-- sorted, so that the same query gives the same URL.
function url.query(query)
  local names, parts = {}, {}
  for name in pairs(query) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = query[name]
    parts[i] = core.text.percent_encode(name) .. "=" .. core.text.percent_encode(text.of(value))
  end
  return #parts > 0 and "?" .. table.concat(parts, "&") or ""
end

return url
