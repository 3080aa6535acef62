--- Reads one page of a list: its entries, and its facts about the other pages.

local core = require "patchbay.core"
local account_lists = require "patchbay.record.account_lists"
local call_options = require "patchbay.exchange.call_options"
local more_pages = require "patchbay.record.more_pages"
local paging = require "patchbay.record.paging"
local url = require "patchbay.util.url"
local value_at = require "patchbay.util.value_at"

local list_page = {}

local null = core.json.null

-- The total in a response: a whole number; nil if there is none; nil and its text if it is invalid.
local function total_of(value)
  if value == nil or value == null then return nil end
  local number = value
  if type(value) == "string" and value:find "^%s*%d+%s*$" then number = tonumber(value) end
  if type(number) == "number" and number >= 0 and number % 1 == 0 and number < math.huge then
    return number
  end
  return nil, type(value) == "table" and "a table" or core.json.encode(value)
end

-- Whether exactly one member is null: some vendors write an empty list so.
local function has_one_null(page)
  local count = 0
  for _, value in pairs(page) do
    if value == null then count = count + 1 end
  end
  return count == 1
end

-- The value at a path such as "meta.total"; a member whose name has a full stop in it comes first.
local function at_path(value, path)
  if type(value) == "table" and value[path] ~= nil then return value[path] end
  return value_at(value, path)
end

-- The list in a page, or nil. `found(path)`: reads the response.
local function entries_in(page, items, found)
  if items then
    local entries = found(items)
    if entries == null then return {} end
    return entries
  end
  -- Where the list's member is not documented, the response must hold exactly one list.
  return account_lists.list_in(page, 1) or has_one_null(page) and {} or nil
end

--- Reads the page for `query`, or at `address`. Returns { entries = a list, inexact = the set of its inexact
-- strings (see core.json.decode), total =, bad_total = the text of an invalid total, more = a sign that there
-- is more (see more_pages.lua), link = its link or token of the next page, address = its own }; or nil and an
-- error value.
function list_page.read(self, plan, query, address)
  local call, operation = self:call(plan, nil, call_options.none), plan.operation
  call.url = address or url.with_query(call.url, query)
  call.wants_headers = true
  local response, err = self.context.perform(call)
  if not response then return nil, err end
  local decoded = response.value
  local page = type(decoded) == "table" and decoded or {}
  local envelope = self.resource.envelope
  local data = envelope and page[envelope.data]
  if type(data) == "table" then page = data end
  -- Beside the content of an envelope, too: that is where the total stands, and the next page.
  local function found(path)
    local value = at_path(page, path)
    if value == nil then value = at_path(decoded, path) end
    return value
  end
  local entries = entries_in(page, operation.items, found)
  if type(entries) ~= "table" or entries[1] == nil and next(entries) ~= nil then
    return nil, self:fail("list", nil, { kind = "protocol", outcome = "refused",
      message = operation.items and ("the response has no list %q"):format(operation.items)
        or "the response does not hold one list" })
  end
  local total, bad_total, link
  local described = operation.paging
  -- If paging is described, so is the total, and other counts may be those of the page.
  local shown = described and math.huge or #entries
  if described and described.total then total, bad_total = total_of(found(described.total)) end
  if described and paging.is_linked(described) then link = found(paging.link(described)) end
  return { entries = entries, inexact = response.inexact, total = total, bad_total = bad_total,
    link = link, address = call.url, more = more_pages.sign(decoded, call.response_headers, shown) }
end

return list_page
