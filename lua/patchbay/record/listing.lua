--- Iterates over a list of records, page by page. Unless the whole list could be read, an error value says
-- why, after the records read so far.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local keys = require "patchbay.record.key"
local list_page = require "patchbay.record.list_page"
local paging = require "patchbay.record.paging"
local readings = require "patchbay.record.reading"
local text = require "patchbay.util.text"

local listing = {}

-- Number of entries without a key that the error keeps.
local MOST_ODD = 100

local List = {}
List.__index = List

-- An error value of this list. Its field `read` is the number of records before it.
function List:error(kind, message, ...)
  local err = self.collection:fail("list", nil, { kind = kind, outcome = "refused",
    message = message:format(...) })
  err.read = self.given_out
  if self.odd[1] then err.entries = self.odd end
  return err
end

-- Makes the list end with an error, raised after the records of this page. The first one counts.
function List:spoil(kind, message, ...)
  self.problem = self.problem or { kind, message:format(...) }
end

-- ---- entries ----

-- An entry that is no record, as the error keeps it: with the values of secret fields masked.
local function without_secrets(self, entry)
  if type(entry) ~= "table" then return entry end
  local shown = {}
  for name, value in pairs(entry) do
    shown[name] = self.collection.resource.secrets[name] and value ~= core.json.null and "***" or value
  end
  return shown
end

-- Takes an entry: returns its record, or the result of `deliver`; nil if it has no key, or a key that an
-- earlier entry has.
function List:take(entry)
  local collection = self.collection
  local described, key, reading = collection.resource, nil, nil
  if type(entry) == "table" then
    reading = readings.of(described, entry, self.inexact)
    key = keys.of(described, reading.fields)
    if key ~= nil then reading.fields[described.key] = key end
  end
  if key == nil then
    self.odd_count = self.odd_count + 1
    local shown = reading and reading.fields or entry
    if #self.odd < MOST_ODD then self.odd[#self.odd + 1] = without_secrets(self, shown) end
    return nil
  end
  local name = ascii.lower(text.of(key))
  if self.keys[name] then
    self:spoil("incomplete", "%s is in it twice; the list has changed while it was read, and entries may be "
      .. "missing", text.of(key))
    return nil
  end
  self.keys[name] = true
  return self.deliver(key, reading, collection)
end

local function record_of(key, reading, collection)
  local new = core.record.new(collection.resource.record_type, key, collection)
  core.record.load(new, reading, true) -- a list may show less than there is
  return new
end

-- ---- pages ----

-- Sets the query parameters of the next page. `described` (from the description) counts pages from 1 or
-- entries from 0.
function List:set_page()
  local described, given = self.paging, self.given
  if described.page then
    self.query[described.page] = (given[described.page] or 1) + self.pages
  elseif described.offset and (self.seen > 0 or given[described.offset]) then
    self.query[described.offset] = (given[described.offset] or 0) + self.seen
  end
end

-- The number of entries before the first requested page, and whether it is certain. A vendor may send shorter
-- pages than requested; too low a number only costs one more, empty page.
local function entries_before(described, given, first_page)
  if described.offset then return given[described.offset] or 0, true end
  if not described.page then return 0, given[described.token] == nil end
  local pages = (given[described.page] or 1) - 1
  return pages * math.min(given[described.size] or first_page, first_page), pages == 0
end

-- Whether more entries may follow an empty page: the total promises them, and not all its pages were read.
local function may_go_on(self)
  if not (self.total and self.paging.page and self.sure) or self.empty >= paging.MOST_EMPTY then
    return false
  end
  local size = math.max(self.largest, self.given[self.paging.size] or 0)
  return size > 0 and self.seen < self.total and self.pages < math.ceil(self.total / size)
end

-- Whether a page begins with the same entry as the page before. Reads that entry in place.
local function is_repeated(self, entries)
  local described, first = self.collection.resource, entries[1]
  local key
  if type(first) == "table" then
    local ok, encoded = pcall(core.json.encode, first)
    entries[1] = readings.of(described, first, self.inexact)
    key = keys.of(described, entries[1].fields) or ok and "no key: " .. encoded or nil
  end
  local same = key ~= nil and key == self.first_key
  self.first_key = key
  return same
end

function List:check_total(page)
  if page.bad_total then self.bad_total = self.bad_total or page.bad_total end
  if not page.total then return end
  if self.total and page.total ~= self.total then
    self:spoil("incomplete", "the list has changed while it was read: %.0f entries on page %d, %.0f on page "
      .. "%d; entries may be missing", self.total, self.pages - 1, page.total, self.pages)
  end
  self.total = self.total or page.total
end

-- Checks the list as a whole after its last page.
function List:check_end(page)
  local held = (self.before or 0) + self.seen
  if self.bad_total then
    self:spoil("incomplete", "its total (%s) is not a number of entries, so whether this is all is not known",
      self.bad_total)
  elseif self.total and self.sure and held ~= self.total then
    self:spoil("incomplete", "the vendor says that there are %.0f entries, and gave %.0f", self.total, held)
  elseif page.more and not (self.total and self.sure and held == self.total) then
    self:spoil("incomplete", "there is more than this page: the response %s%s", page.more,
      self.paging and "" or ", and how to read further pages is not documented; client:call(method, path) "
        .. "reads them")
  end
end

-- Moves on to the page that this one names, of a list whose pages do.
function List:follow(page)
  self.steps.address, self.steps.seen[page.address] = page.address, true
  local further, problem = paging.step(self.steps, page.link)
  if problem then self:spoil("protocol", "%s; entries are missing", problem) end
  if further and self.empty > paging.MOST_EMPTY then
    self:spoil("protocol", "%d pages in a row are empty, and there are further ones", self.empty)
  end
  self.last = not further
end

-- Reads the next page.
function List:turn()
  if self.changed_field then
    self:spoil("incomplete", "the loop changes %s, by which the list is filtered, so that later pages shift "
      .. "and entries would be left out; collect the records first, then change them", self.changed_field)
    return
  end
  if self.paging then self:set_page() end
  local page, err = list_page.read(self.collection, self.plan, self.query, self.steps
    and self.steps.follows and self.steps.address or nil)
  if not page then return self:stop(err) end
  local count = #page.entries
  self.inexact = page.inexact
  self.pages, self.seen, self.largest = self.pages + 1, self.seen + count, math.max(self.largest, count)
  if count > 0 and is_repeated(self, page.entries) then
    -- A server that ignores the page parameter would be read for ever.
    return self:stop(self:error("protocol", "page %d is the same as the one before", self.pages))
  end
  self.entries, self.position = page.entries, 0
  if not self.paging then
    self.last = true
  elseif not self.before then
    self.before, self.sure = entries_before(self.paging, self.given, count)
  end
  self:check_total(page)
  self.empty = count == 0 and self.empty + 1 or 0
  if self.steps then
    self:follow(page)
  elseif self.paging and count == 0 then
    self.last = not may_go_on(self)
  elseif self.total and not self.bad_total and self.before + self.seen >= self.total then
    self.last = true
  end
  if self.last then self:check_end(page) end
end

-- Ends the list with an error.
function List:stop(err)
  self.entries, self.position, self.ended = {}, 0, true
  error(err, 0)
end

function List:finish()
  local listings = self.collection.listings
  listings[self] = nil
  if self.problem then self:stop(self:error(self.problem[1], "%s", self.problem[2])) end
  if self.odd_count == 0 then return end
  self:stop(self:error("protocol", "%d of its entries %s no %s that can be one; they are in the error's "
    .. "entries", self.odd_count, self.odd_count == 1 and "has" or "have", self.collection.resource.key))
end

function List:next()
  while true do
    while self.position < #self.entries do
      self.position = self.position + 1
      local taken = self:take(self.entries[self.position])
      if taken ~= nil then
        self.given_out = self.given_out + 1
        return taken
      end
    end
    if self.ended then return nil end
    if self.last or self.problem then
      self.ended = true
      self:finish()
      return nil
    end
    if self.pages > 0 and self.goes_on and not self.goes_on(self) then return nil end
    self:turn()
  end
end

--- The list that `plan` reads with the parameters `given` (a checked table). Its method next() returns the
-- result of `deliver(key, reading, collection)` for the next entry, and nil at the end; it raises error
-- values. `pages`, `seen` (entries) and `total` (nil: unknown) say how far it has been read. `goes_on(list)`,
-- or nil: asked before each further page; where it returns false, the list ends there.
function listing.open(collection, plan, given, deliver, goes_on)
  local described = plan.operation.paging
  local list = setmetatable({
    collection = collection, plan = plan, deliver = deliver, goes_on = goes_on,
    paging = described, given = given, query = {},
    entries = {}, position = 0, pages = 0, keys = {}, odd = {}, odd_count = 0, given_out = 0,
    seen = 0,    -- entries, including those without a key
    before = nil, sure = false, -- entries before the first page, and whether that is certain
    largest = 0, -- entries of the largest page
    empty = 0,   -- consecutive empty pages
    total = nil, bad_total = nil, first_key = nil, problem = nil, last = false, ended = false,
    inexact = nil,        -- see list_page.read
    changed_field = nil,  -- a field of the filter that was changed meanwhile
    steps = nil,          -- of a list whose pages name the next one, see paging.step
  }, List)
  for name, value in pairs(given) do list.query[name] = value end
  if described and paging.is_linked(described) then
    list.steps = { described = described, query = list.query, base = collection.context.base_url,
      address = nil, follows = false, seen = { [given[described.token] or false] = true } }
  end
  collection.listings = collection.listings or setmetatable({}, { __mode = "k" })
  collection.listings[list] = true
  return list
end

--- An iterator of records over the list that `plan` reads with the parameters `given` (a checked table).
function listing.iterate(collection, plan, given)
  local list = listing.open(collection, plan, given, record_of)
  return function()
    local record = list:next() -- not a tail call: Lua 5.1 could not tell that it may not wait in here
    return record
  end
end

-- Whether a change of `field` can remove a record from a list that is filtered by `given`.
local function is_filter(field, given, described)
  for name in pairs(given) do
    if ascii.lower(name) == ascii.lower(field)
      and not (described and paging.is_parameter(described, name)) then
      return true
    end
  end
  return false
end

--- Called before the fields of `sent` (a plain table) are changed in a record of `collection`. Lists in
-- progress that are filtered by one of them are not read further.
function listing.note_change(collection, sent)
  for list in pairs(collection.listings or {}) do
    for field in pairs(sent) do
      if is_filter(field, list.given, list.paging) then list.changed_field = field end
    end
  end
end

return listing
