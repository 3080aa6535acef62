-- The pages of a list, in each of the styles that a description may have: by page, by offset, by token, and
-- by the next address.

local bodies = require "patchbay.sandbox.generic.bodies"
local check = require "patchbay.sandbox.check"
local json = require "patchbay.sandbox.json"
local rules = require "patchbay.sandbox.generic.rules"
local ascii = require "patchbay.util.ascii"
local names_of = require("patchbay.util.check").names
local text_of = require("patchbay.util.text").of

local lists = {}

-- The query parameter of next addresses of ours.
local CURSOR = "cursor"

local COUNT = { type = "integer", minimum = 1 }
local FROM_ZERO = { type = "integer", minimum = 0 }

-- The parameters of a list by name, each with its rule: those that the description gives, and those of its
-- paging.
local function parameters_of(operation)
  local paging, allowed = operation.paging or {}, {}
  for _, keyword in ipairs { "page", "size", "limit" } do
    if paging[keyword] then allowed[paging[keyword]] = COUNT end
  end
  if paging.offset then allowed[paging.offset] = FROM_ZERO end
  if paging.token then allowed[paging.token] = { type = "string" } end
  if paging.next then allowed[CURSOR] = { type = "string" } end
  for _, parameter in ipairs(operation.parameters or {}) do allowed[parameter[1]] = rules.rule(parameter) end
  for name in pairs(operation.query or {}) do allowed[name] = { type = "string" } end
  return allowed
end

-- The values of a query by name, or nil and the problem, as check.body returns one.
local function read_query(operation, query)
  local allowed, values = parameters_of(operation), {}
  local field, why, kind = check.query(names_of(allowed), query)
  if field then return nil, field, why, kind end
  for _, name in ipairs(names_of(query)) do
    values[name] = bodies.value(allowed[name], query[name])
    field, why, kind = check.value(allowed[name], values[name])
    if field then return nil, name, why, kind end
  end
  return values
end

-- The fields that a list is filtered by: those that a parameter is named after.
local function filters_of(operation, resource, values)
  local filters = {}
  for _, parameter in ipairs(operation.parameters or {}) do
    for _, field in ipairs(resource.fields) do
      local value = values[parameter[1]]
      if value ~= nil and ascii.lower(parameter[1]) == ascii.lower(field[1]) then
        filters[field[1]] = value
      end
    end
  end
  return filters
end

local function passes(record, filters)
  for name, value in pairs(filters) do
    if record[name] ~= value then return false end
  end
  return true
end

-- Tokens say after how many entries they go on; a client is not to know.
local function token_of(offset) return ("t%dx"):format(offset * 7 + 3) end
local function offset_of(token)
  local number = tonumber(token:match "^t(%d+)x$")
  return number and number % 7 == 3 and (number - 3) / 7 or nil
end

local function percent(text)
  return (text:gsub("[^A-Za-z0-9._~-]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

-- The address of the next page, in the form that the option next_address names.
local function next_address(call, values, offset, form)
  values[CURSOR] = token_of(offset)
  local parts = {}
  for index, name in ipairs(names_of(values)) do
    parts[index] = percent(name) .. "=" .. percent(text_of(values[name]))
  end
  local query = "?" .. table.concat(parts, "&")
  if form == "query" then return query end
  if form == "path" then return call.path .. query end
  return ("%s://%s%s%s"):format(call.scheme, form == "elsewhere" and "elsewhere.example.com" or call.host,
    call.path, query)
end

-- The entries before the page that a query asks for, and how many there are at most in the page; or nil and
-- the name of a bad token.
local function place(operation, values, options)
  local paging = operation.paging
  if not paging then return 0, math.huge end
  local size = math.min(values[paging.size or paging.limit or ""] or options.page_size, options.page_max)
  if paging.page then return ((values[paging.page] or 1) - 1) * size, size end
  if paging.offset then return values[paging.offset] or 0, size end
  local name = paging.token or CURSOR
  local token = values[name]
  local offset = token == nil and 0 or offset_of(token)
  if not offset then return nil, name end
  return offset, size
end

-- The page that a call asks for: { entries =, total =, next = address, next_token = }; or nil, and the field,
-- the problem and its kind. `kept`: the records; `show(record)`: an entry.
function lists.page(call, operation, resource, kept, options, show)
  local values, field, why, kind = read_query(operation, call.query)
  if not values then return nil, field, why, kind end
  local first, size = place(operation, values, options)
  if not first then return nil, size, "is no token of a page", "value" end
  local page = { entries = json.array {}, total = 0 }
  local filters = filters_of(operation, resource, values)
  for _, record in kept:each() do
    if passes(record, filters) then
      page.total = page.total + 1
      if page.total > first and #page.entries < size then page.entries[#page.entries + 1] = show(record) end
    end
  end
  local after = first + #page.entries
  if after < page.total then
    page.next_token = token_of(after)
    page.next = next_address(call, values, after, options.next_address)
  end
  return page
end

return lists
