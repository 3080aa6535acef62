--- Reads one listing of a collection for the desired fields of its records: as many pages as are fewer
-- requests than reading the records one by one.

local ascii = require "patchbay.util.ascii"
local creates = require "patchbay.desired.creates"
local listing = require "patchbay.record.listing"
local needed = require "patchbay.desired.needed"
local text = require "patchbay.util.text"

local listed = {}

-- Entries of a listing whose fields are all noted as shown; of the others those that are desired.
local LOOKED_AT = 200

-- A key in a form in which the same keys are equal: vendors write letters and telephone numbers in several
-- ways.
local function normal(resource, key)
  local shown, format = text.of(key), resource.key_field.format
  if format == "e164" or format == "phone" or resource.key_field.phone then
    local digits = shown:gsub("%D", "")
    if digits ~= "" then return digits end
  end
  return ascii.lower(shown)
end

local Listed = {}
Listed.__index = Listed

-- The declared record of a listed key, or nil. Nearly all keys are written as they are declared.
function Listed:declared(key)
  local record = self.by_key[key]
  if record then return record end
  local by_name = self.by_name
  if not by_name then
    by_name = {}
    for declared, one in next, self.by_key do by_name[normal(self.resource, declared)] = one end
    self.by_name = by_name
  end
  return by_name[normal(self.resource, key)]
end

-- Takes one entry: of a declared record, of one that a new record may be, or of any other.
function Listed:take(key, reading)
  local record = self:declared(key)
  if self.looked_at < LOOKED_AT then
    self.looked_at = self.looked_at + 1
    for field in next, reading.fields do self.shows[field] = true end
  end
  if record then
    if self.known[record] then return true end
    self.left = self.left - 1
    if self.can_get and needed.missing(record, reading, self.shows)[1] then
      self.lacking[#self.lacking + 1] = record
    end
    self.known[record] = { exists = true, reading = needed.slim(record, reading), shows = self.shows }
    return true
  end
  if self.claimed[normal(self.resource, key)] then return true end
  for new, identity in next, self.searches do
    if creates.agrees(self.resource, identity, reading.fields) then
      local matches = self.known[new].matches
      matches[#matches + 1] = { key = key, reading = reading, shows = self.shows }
    end
  end
  if self.extra then self.extra[#self.extra + 1] = { key = key, reading = reading } end
  return true
end

-- Whether reading the records that are left one by one takes fewer requests than the pages that are left.
function Listed:is_dearer(list)
  if self.extra or next(self.searches) then return false end
  if self.left == 0 then return true end
  if not self.can_get then return false end
  if list.total and list.largest > 0 then
    return math.ceil((list.total - list.seen) / list.largest) > self.left
  end
  if self.pages then return self.pages - list.pages > self.left end
  -- How many pages there are is not known: at worst it takes twice the requests.
  return list.pages >= self.left
end

-- The pages that reading the same records again takes; nil where that cannot be told.
local function pages_of(self, list)
  if self.left == 0 or list.last then return list.pages end
  if list.total and list.largest > 0 then return math.ceil(list.total / list.largest) end
end

-- The records of which no entry of the listing shows all that is desired.
local function still_lacking(self)
  local list = {}
  for _, record in ipairs(self.lacking) do
    for _, path in ipairs(needed.missing(record, self.known[record].reading, self.shows)) do
      if not self.shows[path] then
        list[#list + 1] = record
        break
      end
    end
  end
  return list
end

--- Reads the listing of `entry` (of a declaration's collections). `work`: `known`, `keyed` (list of
-- records), `by_key` (the same by key), `searches` (new record -> identity), `claimed` (keys of other
-- declared records, or nil), `can_get`, `whole` (keep the undeclared records), `pages` (how many there were
-- at an earlier time, or nil), `tick()` (called for each page). Returns the records that it does not have,
-- and those whose desired fields it lacks. Raises error values.
function listed.read(entry, work)
  local collection = entry.collection
  local self = setmetatable({ known = work.known, searches = work.searches, can_get = work.can_get,
    resource = collection.resource, looked_at = 0, by_key = work.by_key, claimed = {}, shows = {},
    lacking = {}, left = #work.keyed, pages = work.pages, extra = work.whole and {} or nil }, Listed)
  for _, key in ipairs(work.claimed or {}) do self.claimed[normal(self.resource, key)] = true end
  for new in pairs(work.searches) do self.known[new] = { exists = false, matches = {} } end
  local list = listing.open(collection, assert(collection:plan "list"), needed.largest_page(collection),
    function(key, reading) return self:take(key, reading) end,
    function(list)
      work.tick()
      return not self:is_dearer(list)
    end)
  repeat until not list:next()
  work.known.requests = work.known.requests + list.pages
  work.known.listed[entry] = list.total or list.seen
  work.known.pages[entry] = pages_of(self, list)
  work.known.extra[entry] = self.extra
  local absent = {}
  for _, record in ipairs(work.keyed) do
    if not self.known[record] then
      self.known[record] = { exists = false }
      if self.can_get then absent[#absent + 1] = record end
    end
  end
  return absent, still_lacking(self)
end

return listed
