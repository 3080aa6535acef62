--- Iterates over a list of records, page by page.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local account_lists = require "patchbay.record.account_lists"
local resource = require "patchbay.record.resource"
local url = require "patchbay.util.url"

local listing = {}

-- Reads one page: a list of plain tables, the total that the response names, and the set of its inexact
-- strings (see core.json.decode).
local function read_page(self, plan, query)
  local call, operation = self:call(plan, nil, call_options.none), plan.operation
  call.url = call.url .. url.query(query)
  local response, err = self.context.perform(call)
  if not response then return nil, err end
  local page = response.value
  if type(page) ~= "table" then page = {} end
  local data = self.context.envelope and page[self.context.envelope.data]
  if type(data) == "table" then page = data end
  -- Where the list's member is not documented, the response must hold exactly one list.
  local items
  if operation.items then items = page[operation.items] else items = account_lists.list_in(page, 1) end
  if type(items) ~= "table" or items[1] == nil and next(items) ~= nil then
    return nil, self:fail("list", nil, { kind = "protocol", outcome = "refused",
      message = operation.items and ("the response has no list %q"):format(operation.items)
        or "the response does not hold one list" })
  end
  return items, operation.paging and page[operation.paging.total], response.inexact
end

-- Sets the query parameters of the next page, after `seen` entries. `paging` (from the description) counts
-- pages from 1 or entries from 0.
local function turn_page(paging, query, given, pages, seen)
  if paging.page then
    query[paging.page] = (given[paging.page] or 1) + pages
  elseif seen > 0 or given[paging.offset] then
    query[paging.offset] = (given[paging.offset] or 0) + seen
  end
end

-- The number of entries before the first page that was asked for. A vendor may send shorter pages than asked
-- for; too low a number only costs one more, empty page.
local function entries_before(paging, given, first_page)
  if paging.offset then return given[paging.offset] or 0 end
  return ((given[paging.page] or 1) - 1) * math.min(given[paging.size] or first_page, first_page)
end

-- A record from an entry of a list, and its key. Raises an error value when the entry is no record.
local function record_of(self, entry, inexact)
  if type(entry) == "table" then
    entry = resource.read(self.resource, entry, inexact)
    local key = entry.fields[self.resource.key]
    if key ~= nil and core.schema.check(self.resource.key_schema, { [self.resource.key] = key }, "") then
      local new = core.record.new(self.resource.record_type, key, self)
      core.record.load(new, entry)
      return new, key
    end
  end
  error(self:fail("list", nil, { kind = "protocol", outcome = "refused",
    message = ("an entry of the list has no %s that can be one"):format(self.resource.key) }), 0)
end

--- An iterator of records over the list that `plan` reads with the query parameters `given` (a checked
-- table). `self`: the collection.
function listing.iterate(self, plan, given)
  local paging, current = plan.operation.paging, {}
  for name, value in pairs(given) do current[name] = value end
  local items, position, pages, seen, before, first, first_key, done = {}, 0, 0, 0, nil, nil, nil, false
  local inexact
  local function turn()
    if paging then turn_page(paging, current, given, pages, seen) end
    local total
    items, total, inexact = read_page(self, plan, current)
    if not items then
      items, done = {}, true
      error(total, 0)
    end
    position, pages, seen = 0, pages + 1, seen + #items
    if not paging or #items == 0 then
      done = true
      return
    end
    before = before or entries_before(paging, given, #items)
    if type(total) == "number" and before + seen >= total then done = true end
    local key
    first = nil
    first, key = record_of(self, items[1], inexact)
    if key == first_key then
      -- A server that ignores the page parameter would be read for ever.
      items, done = {}, true
      error(self:fail("list", nil, { kind = "protocol", outcome = "refused",
        message = ("page %d is the same as the one before"):format(pages) }), 0)
    end
    first_key = key
  end
  return function()
    while position >= #items do
      if done then return nil end
      turn()
    end
    position = position + 1
    local made = first or record_of(self, items[position], inexact)
    first = nil
    return made
  end
end

return listing
