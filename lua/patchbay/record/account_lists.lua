--- Lists of values that a vendor keeps for an account, such as its verified numbers, read from responses
-- whose shape is not documented.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local more_pages = require "patchbay.record.more_pages"
local response_check = require "patchbay.record.response_check"

local account_lists = {}

-- Members of an object that may hold the value, likeliest first; and members that seldom do.
local likely = { "number", "phone_number", "caller_id_number", "caller_id", "cli", "value" }
local unlikely = { id = true, name = true }

-- A phone number as text, from a string or a number; nil for other values.
local function number_text(value)
  if type(value) == "number" and value >= 0 and value < 2 ^ 53 and value % 1 == 0 then
    return ("%d"):format(value)
  end
  if type(value) == "string" and value:find "^%+?%d[%d ]+$" then return value end
end

local function value_of(entry)
  if type(entry) == "string" then return entry end
  if type(entry) ~= "table" then return number_text(entry) end
  for _, name in ipairs(likely) do
    local text = number_text(entry[name])
    if text then return text end
  end
  local names = {}
  for name in pairs(entry) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names, function(a, b)
    if unlikely[a] ~= unlikely[b] then return not unlikely[a] end
    return a < b
  end)
  for _, name in ipairs(names) do
    if type(entry[name]) == "string" then
      local text = number_text(entry[name])
      if text then return text end
    end
  end
  return nil
end

-- The list in a response: the value itself, or the only list among its members, at most `depth` objects down.
local function list_in(value, depth)
  if type(value) ~= "table" then return nil end
  if getmetatable(value) == core.json.array_mt then return value end
  local found
  for _, member in pairs(value) do
    local list = depth > 0 and list_in(member, depth - 1)
    if list then
      if found then return nil end
      found = list
    end
  end
  return found
end
account_lists.list_in = list_in

--- The values in a decoded response, as a list of strings; nil when it holds no list. `flag`: entries whose
-- member of that name is false are left out.
function account_lists.read(response, flag)
  local list = list_in(response, 2)
  if not list then return nil end
  local values = core.json.array {}
  for _, entry in ipairs(list) do
    if not (flag and type(entry) == "table" and entry[flag] == false) then
      local value = value_of(entry)
      if value == nil then return nil end
      values[#values + 1] = value
    end
  end
  return values, #list
end

--- Reads the list `name` that the vendor's description has, with one call: the list, and a phrase if the
-- response shows that there is more (see more_pages.lua); or nil and an error value.
function account_lists.fetch(context, name)
  local lookup = context.api.lookups[name]
  local call = {
    method = lookup.method, url = context.base_url .. lookup.path, label = name,
    repeatable = true, writes = false, accept = response_check.any, wants_headers = true,
  }
  local response, err, attempts = context.perform(call)
  if not response then return nil, err end
  local values, count = account_lists.read(response.value, lookup.flag)
  if values then return values, more_pages.sign(response.value, call.response_headers, count) end
  return nil, errors.new { kind = "protocol", outcome = "refused", attempts = attempts,
    message = ("%s %s: the response holds no list of numbers"):format(context.name, name) }
end

--- Whether the collection has fields for verify() to check.
function account_lists.can_verify(collection)
  for _, field in ipairs(collection.resource.description.fields) do
    if field.verified then return true end
  end
  return false
end

-- Numbers are compared without + and spaces.
local function bare(text) return (text:gsub("[+ ]", "")) end

--- The error for a list of the account that is only one page of several. `more`: see more_pages.lua;
-- `subject`: the name of the list, for the message.
function account_lists.not_whole(context, subject, more)
  return errors.new { kind = "incomplete", outcome = "refused",
    message = ("%s %s: there is more than this page: the response %s, and how to read further pages is not "
      .. "documented; client:call(method, path) reads them"):format(context.name, subject, more) }
end

-- Whether `value` is among `values`.
local function is_among(values, value)
  for _, verified in ipairs(values) do
    if bare(verified) == bare(value) then return true end
  end
  return false
end

--- Checks the changes of fields with `verified` in their description against the account's lists.
-- `read_list(name)` returns a list and a phrase if there is more (see more_pages.lua), or nil and an error
-- value. Returns true; or nil and an error value.
function account_lists.verify(collection, key, changes, read_list)
  local known, context = {}, collection.context
  for _, field in ipairs(collection.resource.description.fields) do
    local name, value = field[1], changes[field[1]]
    if field.verified and type(value) == "string" then
      local list = known[field.verified]
      if not list then
        local values, more = read_list(field.verified)
        if not values then return nil, more end
        list = { values = values, more = more }
        known[field.verified] = list
      end
      local found = is_among(list.values, value)
      if not found and list.more then
        local err = account_lists.not_whole(context, field.verified, list.more)
        err.outcome, err.field = "not_sent", name
        err.message = ("%s; so it is not known whether %q is verified"):format(err.message, value)
        return nil, err
      elseif not found then
        return nil, errors.new {
          kind = "invalid", outcome = "not_sent", field = name,
          message = ("%s: %s: %q is not among the account's %s; have it verified with the vendor first")
            :format(collection:subject(collection.name .. ".update", key), name, value,
              (field.verified:gsub("_", " "))),
        }
      end
    end
  end
  return true
end

return account_lists
