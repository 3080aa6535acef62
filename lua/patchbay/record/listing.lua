--- Going through a list of records, page by page.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local lookups = require "patchbay.record.account_lists"
local resource = require "patchbay.record.resource"
local url = require "patchbay.util.url"

local listing = {}

-- One page: a list of plain tables, and what the answer says of the total.
local function read_page(self, plan, query)
  local call, operation = self:call(plan, nil, call_options.none), plan.operation
  call.url = call.url .. url.query(query)
  call.any_answer = not operation.items -- where nobody says what holds the list, it may be all there is
  local answer, err = self.client.perform(call)
  if not answer then return nil, err end
  local page = core.json.decode(answer)
  if type(page) ~= "table" then page = {} end
  local data = self.client.envelope and page[self.client.envelope.data]
  if type(data) == "table" then page = data end
  -- Where the vendor does not say what the list is called, it is the only one there is.
  local items
  if operation.items then items = page[operation.items] else items = lookups.list_in(page, 1) end
  if type(items) ~= "table" or items[1] == nil and next(items) ~= nil then
    return nil, self:fail("list", nil, { kind = "protocol", outcome = "refused",
      message = operation.items and ("the answer has no list %q"):format(operation.items)
        or "the answer does not hold one list" })
  end
  return items, operation.paging and page[operation.paging.total]
end

-- Sets in `query` what asks for the page after `seen` entries. `paging` (a description's) counts pages
-- from 1 or entries from 0.
local function turn_page(paging, query, given, pages, seen)
  if paging.page then
    query[paging.page] = (given[paging.page] or 1) + pages
  elseif seen > 0 or given[paging.offset] then
    query[paging.offset] = (given[paging.offset] or 0) + seen
  end
end

-- How many entries lie before the first page that was asked for. A vendor may give less a page than was
-- asked for; too few only cost one more, empty page.
local function entries_before(paging, given, first_page)
  if paging.offset then return given[paging.offset] or 0 end
  return ((given[paging.page] or 1) - 1) * math.min(given[paging.size] or first_page, first_page)
end

-- A record out of an entry of a list; what is no record there is the vendor's fault, and is said.
local function listed(self, entry)
  if type(entry) == "table" then
    entry = resource.read(self.resource, entry)
    local key = entry[self.resource.key]
    if key ~= nil and core.schema.check(self.resource.key_schema, { [self.resource.key] = key }, "") then
      local new = core.record.new(self.resource.record_type, key, self)
      core.record.load(new, entry)
      return new, key
    end
  end
  error(self:fail("list", nil, { kind = "protocol", outcome = "refused",
    message = ("an entry of the list has no %s that can be one"):format(self.resource.key) }), 0)
end

--- An iterator of records over the list that `plan` reads with the parameters `given` (a checked table);
-- `self` is what stands behind a collection.
function listing.iterate(self, plan, given)
  local paging, current = plan.operation.paging, {}
  for name, value in pairs(given) do current[name] = value end
  local items, position, pages, seen, before, first_key, done = {}, 0, 0, 0, nil, nil, false
  local function turn()
    if paging then turn_page(paging, current, given, pages, seen) end
    local total
    items, total = read_page(self, plan, current)
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
    local _, key = listed(self, items[1])
    if key == first_key then
      -- A server that does not turn the page would be read for ever.
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
    return (listed(self, items[position]))
  end
end

return listing
