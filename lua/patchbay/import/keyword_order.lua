--- The order in which a written description names its keywords: as docs/descriptions.md lists them.

local ORDER = [[
  name title source notes silent base_url rate credentials options auth errors envelope body wrap lookups
  description key identity used_by within scheme user password header prefix needs secret_names host_option
  login refresh scope stored renew_on code data request_id message timestamp get list create update replace
  delete method path query headers key_in required payload items paging parameters answer confirmed_by order
  done undocumented page size offset limit token next_token next total status id complete failed env option
  secret type format scheme const enum pattern minLength maxLength minimum maximum exclusiveMinimum
  exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties nullable readOnly
  writeOnly refused phone expected remedy also echo unreliable unordered on_create verified discriminator
  oneOf anyOf allOf properties additionalProperties operations fields resources
]]

local ranks, count = {}, 0
for keyword in ORDER:gmatch "%S+" do
  count = count + 1
  ranks[keyword] = ranks[keyword] or count
end

-- Keywords that hold rules again stand behind those of a field itself, and its text for people before them.
local LAST = { description = 1, items = 2, required = 2, properties = 2, oneOf = 2, anyOf = 2 }

--- The names of a table's members, sorted: keywords as the pages have them, others by name behind them.
return function(names, is_field)
  local function rank(name)
    if is_field and LAST[name] then return count + 1 + LAST[name] end
    return ranks[name] or count + 1
  end
  table.sort(names, function(a, b)
    local first, second = rank(a), rank(b)
    if first ~= second then return first < second end
    return a < b
  end)
  return names
end
