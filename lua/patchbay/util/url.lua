--- Builds paths and queries from a script's values, all percent-encoded.

local core = require "patchbay.core"
local text = require "patchbay.util.text"

local url = {}

--- An address with the percent-encoded `key` between two parts, and for each further {key} in `after`.
function url.fill(before, key, after)
  local part = core.text.percent_encode(type(key) == "string" and key or text.of(key))
  if after:find("{key}", 1, true) then after = after:gsub("{key}", function() return part end) end
  return before .. part .. after
end

--- The name of a record in errors, journals and logs: its key; in `place`, such as "calls[AccountSid=AC1]",
-- "calls[AccountSid=AC1]/CA1". nil for one without a key or a place.
function url.address(place, key)
  if key == nil then return place end
  if not place then return text.of(key) end
  return place .. "/" .. core.text.percent_encode(text.of(key))
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

--- An address, which may have a query, with the parameters of `query` behind it.
function url.with_query(address, query)
  local text_of_query = url.query(query)
  if address:find("?", 1, true) then text_of_query = text_of_query:gsub("^%?", "&") end
  return address .. text_of_query
end

return url
