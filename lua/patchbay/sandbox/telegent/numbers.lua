-- Phone numbers: reads, the inventory, and the update, whose response is an order.

local check = require "patchbay.sandbox.check"
local dates = require "patchbay.sandbox.dates"
local errors = require "patchbay.sandbox.telegent.errors"
local json = require "patchbay.sandbox.json"
local orders = require "patchbay.sandbox.orders"
local routes = require "patchbay.sandbox.telegent.routes"
local schema = require "patchbay.sandbox.telegent.schema"
local store = require "patchbay.sandbox.store"
local ascii = require "patchbay.util.ascii"

local numbers = {}
numbers.__index = numbers

local UPDATED = { "Number", "Tnid", "UpdateOrderId", "UpdateOrderDate", "UpdateOrderStatus", "MessageType",
  "MessageEnabled", "Classification", "VoiceEnabled", "MessageRouteId", "VoiceRouteId", "Iccid",
  "CnamFirstName", "CnamLastName", "ProductType" }
local ONE = { "Number", "TNID", "OrderId", "NumberType", "MessageEnabled", "MessageRouteId", "VoiceEnabled",
  "Classification", "MessageType", "VoiceRouteId", "Status", "OriginalDatePurchased", "AssignedSubscriberId",
  "Iccid", "Cnam", "QrActivationLink", "SwapsRemaining", "NextSwapResetDate" }
local LISTED = { "Number", "Tnid", "OrderId", "NumberType", "MessageEnabled", "MessageType", "Classification",
  "VoiceEnabled", "MessageRouteId", "VoiceRouteId", "Status", "OriginalDatePurchased", "AssignedSubscriberId",
  "Iccid", "Cnam", "QrActivationLink", "SwapsRemaining", "NextSwapResetDate", "ProductType", "PortOutPin" }

function numbers.new(context, seeds)
  local self = setmetatable({ context = context, kept = store.new(), orders = orders.new(),
    routes_of = {} }, numbers)
  for _, seed in ipairs(seeds) do
    seed.Tnid = seed.Tnid or "TNID-" .. context.random:uuid()
    seed.NumberType, seed.Status = seed.NumberType or "Mobile", seed.Status or "Active"
    if seed.VoiceEnabled == nil then seed.VoiceEnabled = seed.VoiceRouteId ~= nil end
    if seed.MessageEnabled == nil then seed.MessageEnabled = seed.MessageRouteId ~= nil end
    self.kept:add(seed.Number, seed)
  end
  return self
end

-- Carries out the pending orders that are due. A read counts, and still shows the earlier state.
function numbers:settle(record, is_read)
  for _, changes in ipairs(self.orders:due(record.Number, is_read, self.context.clock())) do
    routes.assign(record, changes, "Number")
  end
end

local function show(self, record, fields)
  local shown = routes.pick(record, fields)
  for _, name in ipairs(fields) do
    if shown[name] == nil then shown[name] = json.null end
  end
  -- Networks write a card number of 19 digits with a filler at its end.
  local iccid = shown.Iccid
  if self.context.options.iccid_filler and type(iccid) == "string" and #iccid == 19 then
    shown.Iccid = iccid .. "F"
  end
  return shown
end

local function full_name(record)
  local parts = {}
  for _, name in ipairs { "CnamFirstName", "CnamLastName" } do
    if type(record[name]) == "string" and record[name] ~= "" then parts[#parts + 1] = record[name] end
  end
  return #parts > 0 and table.concat(parts, " ") or nil
end

local function find_card(self, iccid)
  for _, record in self.kept:each() do
    if record.Iccid == iccid then return record end
  end
end

local function lookup(self, query)
  local field, why = check.query({ "Number", "PhoneNumber", "ICCID" }, query)
  if field then return nil, errors.field(field, why) end
  local parameter, value = next(query)
  if not parameter then return nil, errors.field("Number", "is required") end
  if next(query, parameter) then
    return nil, { status = 400, message = "Bad request: give one of Number, PhoneNumber, ICCID." }
  end
  -- An unescaped plus arrives as a space.
  if parameter ~= "ICCID" and not value:find "^%+[1-9]%d+$" then
    return nil, errors.field(parameter, "must be a number in E.164 form, its plus escaped as %2B")
  end
  local record
  if parameter == "ICCID" then record = find_card(self, value) else record = self.kept:get(value) end
  if not record then return nil, { status = 404 } end
  return record
end

function numbers:read(call)
  local record, problem = lookup(self, call.query)
  if not record then return nil, problem end
  self:settle(record, true)
  local shown = show(self, record, ONE)
  -- Spelt and written differently here than in every other response.
  shown.TNID, shown.Cnam = record.Tnid, full_name(record) or json.null
  if type(shown.MessageType) == "string" then shown.MessageType = ascii.upper(shown.MessageType) end
  shown.OriginalDatePurchased = json.null
  return shown
end

local function whole(text, default)
  if text == nil then return default end
  local value = text:find "^%d+$" and tonumber(text)
  return value and value >= 1 and value or nil
end

local FILTERS = { All = true, Active = true }

function numbers:inventory(call)
  local query, options = call.query, self.context.options
  local field, why = check.query({ "PageNumber", "Filter", "TotalNumbersRequested" }, query)
  if field then return nil, errors.field(field, why) end
  local page = whole(query.PageNumber, 1)
  local size = whole(query.TotalNumbersRequested, options.inventory_page_size)
  local filter = query.Filter or "All"
  if not page then return nil, errors.field("PageNumber", "must be a whole number from 1") end
  if not size then return nil, errors.field("TotalNumbersRequested", "must be a whole number from 1") end
  if not FILTERS[filter] then return nil, errors.field("Filter", "must be one of: All, Active") end
  if options.inventory_page_max then size = math.min(size, options.inventory_page_max) end

  local total, entries = 0, json.array {}
  for _, record in self.kept:each() do
    if filter == "All" or record.Status == filter then
      total = total + 1
      if total > (page - 1) * size and total <= page * size then
        self:settle(record, true)
        local entry = show(self, record, LISTED)
        entry.Cnam = full_name(record) or json.null
        entries[#entries + 1] = entry
      end
    end
  end
  -- The second entry has its boolean as text, as in the vendor's example.
  if entries[2] then entries[2].MessageEnabled = tostring(entries[2].MessageEnabled) end
  return json.ordered({ "AccountId", "TotalResults", "PageNumber", "Filter", "PhoneNumbers" },
    { AccountId = options.account_id, TotalResults = total, PageNumber = page, Filter = filter,
      PhoneNumbers = entries })
end

-- The rules of the older request collection for fields that depend on each other.
local function older_problem(after)
  if after.Classification == "IoT" and after.MessageType == "a2p" then
    return errors.field("MessageType", "must be p2p for an IoT number")
  elseif after.MessageEnabled == true and type(after.MessageRouteId) ~= "string" then
    return errors.field("MessageRouteId", "is required when MessageEnabled is true")
  elseif after.VoiceEnabled == true and type(after.VoiceRouteId) ~= "string" then
    return errors.field("VoiceRouteId", "is required when VoiceEnabled is true")
  end
end

-- A route of another account, or of none, does not exist as far as one can see. `routes_of`: field -> the
-- account's routes.
local function missing_route(self, body)
  if self.context.options.any_route then return nil end
  for field, kept in pairs(self.routes_of) do
    if type(body[field]) == "string" and not kept:get(body[field]) then return { status = 404 } end
  end
end

--- The routes that numbers may name: field -> store.
function numbers:set_routes(routes_of) self.routes_of = routes_of end

function numbers:update(_, body)
  local options, now = self.context.options, self.context.clock()
  local record, problem = routes.find(self.kept, schema.number.update, body, "Number", options)
  if not record then return nil, problem end
  problem = missing_route(self, body)
  if problem then return nil, problem end
  self:settle(record, false)
  local after = routes.assign(store.copy(record), body, "Number")
  problem = options.older_rules and older_problem(after) or nil
  if problem then return nil, problem end

  local status = options.update_status
  if status == "Complete" then
    routes.assign(record, body, "Number")
    -- A new value replaces one that still waits.
    self.orders:supersede(record.Number, body)
  elseif status == "Pending" then
    self.orders:place(record.Number, store.copy(body), options.pending_reads,
      options.pending_seconds and now + options.pending_seconds)
  end
  -- The response to a pending order shows the state after it, to a failed one the state as it stays.
  local shown = show(self, status == "Failed" and record or after, UPDATED)
  shown.Tnid = json.null
  shown.UpdateOrderId = "JNUOID-" .. self.context.random:uuid()
  shown.UpdateOrderDate = dates.seven_digits(now, self.context.random:below(10000000))
  shown.UpdateOrderStatus = status
  return shown
end

function numbers:uses_voice_route(id)
  for _, record in self.kept:each() do
    if record.VoiceRouteId == id then return true end
  end
  return false
end

function numbers:forget_voice_route(id)
  for _, record in self.kept:each() do
    if record.VoiceRouteId == id then record.VoiceRouteId = nil end
  end
end

return numbers
