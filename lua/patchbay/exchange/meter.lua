--- Counts the calls and requests of the clients that were made with `metrics = true`, by vendor, operation
-- and outcome, and reads the counts.
--
-- Each count has a name of its own: family, vendor, operation, outcome and part, with tabs between. Where
-- several processes share a store, as nginx's workers do, all add to the same names.

local hosts = require "patchbay.hosts"

local meter = {}

-- Upper bounds of the buckets, in seconds: a vendor's quick answer is at the lower end, a call that waits for
-- the vendor's rate or through its retries at the upper.
local BUCKETS = { 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60 }
local OVER = #BUCKETS + 1 -- the part for longer calls

-- The store of this Lua alone.
local own = { counts = {} }

function own:add(name, n) self.counts[name] = (self.counts[name] or 0) + n end

function own:each() return next, self.counts end

-- The stores that several processes share, by name.
local shared = {}

local Meter = {}
Meter.__index = Meter

-- The names of a series' counts: its buckets, and the sum of the seconds.
local function names_of(self, family, operation, outcome)
  local prefix = table.concat({ family, self.vendor, operation, outcome, "" }, "\t")
  local names = { sum = prefix .. "sum" }
  for i = 1, OVER do names[i] = prefix .. i end
  return names
end

local function series(self, family, operation, outcome)
  local known = self[family]
  local by_outcome = known[operation]
  if not by_outcome then
    by_outcome = {}
    known[operation] = by_outcome
  end
  local names = by_outcome[outcome]
  if not names then
    names = names_of(self, family, operation, outcome)
    by_outcome[outcome] = names
  end
  return names
end

local function observe(self, family, operation, outcome, seconds)
  local names, bucket = series(self, family, operation, outcome), 1
  while bucket < OVER and seconds > BUCKETS[bucket] do bucket = bucket + 1 end
  self.store:add(names[bucket], 1)
  if seconds > 0 then self.store:add(names.sum, seconds) end
end

--- Counts one attempt. `outcome`: "ok", or a failure's.
function Meter:request(call, seconds, outcome) observe(self, "requests", call.label, outcome, seconds) end

--- Counts a retry.
function Meter:retry(call)
  self.store:add(table.concat({ "retries", self.vendor, call.label, "", "1" }, "\t"), 1)
end

-- Counts the call whose results these are, and returns them.
local function ended(self, host, call, started, value, err, ...)
  observe(self, "calls", call.label, value ~= nil and "ok" or err.outcome, host:clock() - started)
  return value, err, ...
end

--- Performs a call with `perform(context, call)`, counts it, and returns its results.
function Meter:perform(perform, context, call)
  local host = context.host
  return ended(self, host, call, host:clock(), perform(context, call))
end

--- The meter of a client of `vendor`. `store_name`: of a store that several processes share, or nil.
function meter.new(vendor, store_name)
  local store = own
  if store_name then
    store = shared[store_name] or hosts.counts(store_name)
    shared[store_name] = store
  end
  return setmetatable({ vendor = vendor, store = store, calls = {}, requests = {} }, Meter)
end

--- The collection (nil: none) and the operation in a call's label, such as "voice_routes.update".
function meter.parts(label)
  local collection, operation = label:match "^(.-)%.(.+)$"
  return collection, operation or label
end

local ORDER = { "vendor", "collection", "operation", "outcome" }

local function sort(list)
  table.sort(list, function(a, b)
    for _, name in ipairs(ORDER) do
      local one, other = a[name] or "", b[name] or ""
      if one ~= other then return one < other end
    end
    return false
  end)
end

local function new_series(family, vendor, label, outcome, worker)
  local collection, operation = meter.parts(label)
  local made = { vendor = vendor, collection = collection, operation = operation, worker = worker, count = 0 }
  if family == "retries" then return made end
  made.outcome, made.seconds, made.buckets = outcome, 0, {}
  for i, bound in ipairs(BUCKETS) do made.buckets[i] = { le = bound, count = 0 } end
  return made
end

-- Adds one count to its series. Buckets become cumulative, as Prometheus has them.
local function add_count(made, part, n)
  if part == "sum" then
    made.seconds = made.seconds + n
    return
  end
  made.count = made.count + n
  if not made.buckets then return end
  for i = tonumber(part), #BUCKETS do made.buckets[i].count = made.buckets[i].count + n end
end

local function read(store, worker, result)
  local by_name = {}
  for name, n in store:each() do
    local prefix, part = name:match "^(.*)\t(.-)$"
    local made = by_name[prefix]
    if not made then
      local family, vendor, label, outcome = prefix:match "^(.-)\t(.-)\t(.-)\t(.*)$"
      made = new_series(family, vendor, label, outcome, worker)
      by_name[prefix] = made
      table.insert(result[family], made)
    end
    add_count(made, part, n)
  end
end

--- Calls or requests of one vendor, collection, operation and outcome.
---@class patchbay.Series
--- `collection` is nil for a login and for `client:call`.
--- Of: all.
---@field vendor string
---@field collection? string
---@field operation string
--- `"ok"`, `"refused"`, `"unknown"`, `"not_sent"`.
--- Of: calls, requests.
---@field outcome? "ok"|"refused"|"unknown"|"not_sent"
--- How many since the program started.
--- Of: all.
---@field count integer
--- The sum of their times; of a call with its retries and waits.
--- Of: calls, requests.
---@field seconds? number
--- A list of `{ le =, count = }`: how many took at most so many seconds.
--- Of: calls, requests.
---@field buckets? { le: number, count: integer }[]
--- The worker of nginx, or the thread of HAProxy (`lua-load-per-thread`), that has counted; nil where there
--- is one, and in nginx for clients whose `shared` is a dictionary, in which all workers count together.
--- Of: all.
---@field worker? integer

--- All counts: `{ calls =, requests =, retries = }`, each a list of series in a fixed order.
---@return patchbay.Metrics
function meter.read()
  local result = { calls = {}, requests = {}, retries = {} }
  read(own, hosts.worker and hosts.worker(), result)
  for _, store in pairs(shared) do read(store, nil, result) end
  for _, list in pairs(result) do sort(list) end
  return result
end

return meter
