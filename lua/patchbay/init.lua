--- Patchbay: voice routes, phone numbers and SIP trunks as Lua tables. Assigned keys become the partial
-- update that is sent.
--
--   local patchbay = require "patchbay"
--   local telegent = patchbay.telegent { account_key = "DID-…", account_secret = "…" }
--   local route = telegent.voice_routes["CRID-…"]
--   route.TrunkIp1 = "20.87.87.87"
--   assert(route:update())

-- Lua says of a module that was compiled for another Lua that a symbol is missing, which helps nobody.
local loaded, core = pcall(require, "patchbay.core")
if not loaded then
  local lua = rawget(_G, "jit") and "LuaJIT, for which 5.1 is the version" or _VERSION
  error(("patchbay.core, the compiled part of patchbay, cannot be loaded into this Lua (%s). If it is there, "
    .. "it was built for another one: rebuild it with luarocks --lua-version %s install patchbay, or make "
    .. "LUA=%s in its sources.\n%s"):format(lua, _VERSION:match "%d.%d", rawget(_G, "jit") and "luajit"
    or "lua" .. _VERSION:match "%d.%d", tostring(core)), 0)
end
local check = require "patchbay.util.check"
local client = require "patchbay.client"
local hosts = require "patchbay.hosts"
local lazy = require "patchbay.util.lazy"
local program = require "patchbay.util.program"
local require = require "patchbay.util.require"

local errors = lazy "patchbay.errors"
local record = lazy "patchbay.record"

-- Eleven days: more is a wrong unit.
local LONGEST_SLEEP = 1e6

-- Arrays marked by lua-cjson are arrays here, and the other way round. Older versions of it mark none, or
-- have marks for empty arrays only; then the core's own mark is used.
local found, cjson = pcall(require, "cjson")
if found and type(cjson) == "table" then
  if type(cjson.array_mt) == "table" then core.json.set_array_metatable(cjson.array_mt) end
  core.json.set_empty_array(cjson.empty_array_mt, cjson.empty_array)
end

--- The value, or nil and a table with `message`. Every number is exact: a number that no Lua number can hold
--- becomes a value that prints, and is encoded, digit for digit; `[]` stays `[]`.
---@param text string
---@return any
---@return patchbay.Error
local function decode(text)
  if type(text) ~= "string" then error("json.decode: expected a string, got " .. type(text), 2) end
  local value, err = core.json.decode(text)
  if value ~= nil or not err then return value end
  return nil, errors.new {
    kind = err.kind, outcome = "refused", message = err.message, offset = err.offset,
  }
end

local patchbay
patchbay = {
  --- The version, a string.
  _VERSION = client.VERSION,

  --- JSON null; equal to `cjson.null` and `ngx.null`.
  null = core.json.null,

  --- Marks `t` (by default a new table) as an array, and returns it; needed where no schema says that a table
  --- is an array. lua-cjson's `array_mt`, `empty_array_mt` and `empty_array` are understood too.
  ---@generic T : table
  ---@param t? T
  ---@return T
  array = core.json.array,

  --- Exact JSON: `decode(text)` returns a value, or nil and an error value; `encode(value)` returns text,
  -- with records as their values, secrets masked, and raises for values that JSON cannot hold;
  -- `number(digits)` makes a number that no Lua number can hold.
  json = {
    decode = decode,
    --- The JSON text; raises for values that JSON cannot represent. Members are in alphabetical order.
    ---@param value any
    ---@return string
    encode = core.json.encoder(function(value) return record.for_json(value) end),
    --- A number that no Lua number can hold, such as `"12345678901234567890"`.
    ---@param digits string
    ---@return any
    number = core.json.number,
  },

  --- Like `assert`, and accepts error values on Lua 5.1 too, whose `assert` accepts only text.
  ---@generic T
  ---@param value? T
  ---@param err? any
  ---@param ... any
  ---@return T
  ---@return any ...
  assert = function(value, err, ...)
    if value then return value, err, ... end
    error(err == nil and "assertion failed!" or err, 0)
  end,

  --- Waits; within `each` the other bodies run meanwhile.
  ---@param seconds number
  sleep = function(seconds)
    if type(seconds) ~= "number" or not (seconds >= 0 and seconds < LONGEST_SLEEP) then
      error("sleep: expected seconds, from 0 up to a million, got "
        .. (type(seconds) == "number" and tostring(seconds) or check.got(seconds))
        .. check.unquoted(seconds), 2)
    end
    hosts.time.sleep(nil, seconds)
  end,

  --- `patchbay.metrics()` as text, in Prometheus' format.
  ---@return string
  metrics_text = function()
    return require "patchbay.exchange.metrics_text" (require("patchbay.exchange.meter").read())
  end,

  --- Iterates over every known field, on every Lua; `pairs(record)` does the same if Lua supports `__pairs`
  --- (5.2 and later, and LuaJIT built with 5.2 compatibility).
  ---@param value table
  ---@return fun(): string, any
  pairs = function(value)
    if core.record.is(value) then return record.pairs(value) end
    return pairs(value)
  end,
}

local vendors = require "patchbay.apis.names"

for _, vendor in ipairs(vendors) do
  --- A client of this vendor. Its options: lua/patchbay/client/options.lua and docs/.
  patchbay[vendor] = function(options)
    if options == patchbay then
      error(("%s: it is a function, not a method; write patchbay.%s{ … }, with a dot"):format(vendor,
        vendor), 2)
    end
    -- Not a tail call: the levels of errors count this function.
    local made = client.new(require("patchbay.apis." .. vendor), options, 2)
    return made
  end
end

-- The vendors that patchbay.describe knows: those of this module, and those that scripts have described.
local describable = {}

function describable.find(value)
  for _, vendor in ipairs(vendors) do
    if value == vendor or value == rawget(patchbay, vendor) then
      return require("patchbay.apis." .. vendor)
    end
  end
  local described = package.loaded["patchbay.vendor"]
  return described and described.find(value)
end

function describable.names()
  local names, described = {}, package.loaded["patchbay.vendor"]
  for i, vendor in ipairs(vendors) do names[i] = vendor end
  for _, name in ipairs(described and described.names() or {}) do names[#names + 1] = name end
  return names
end

--- Describes a vendor, a collection or a field, for a REPL: `"telegent"`, `"telegent.voice_routes"`,
--- `"telegent.voice_routes.TrunkIp1"`, or a constructor, a client, a collection, a record. `tostring` of the
--- result, and its field `text`, give the description. That of a vendor also has `types`, the text of a file
--- of types for editors, and `page`, a reference page in Markdown.
---@param what string|table|fun(options?: table): patchbay.Client
---@return patchbay.Description
function patchbay.describe(what)
  local description = require("patchbay.describe").find(what, describable, 2) -- not a tail call, see above
  return description
end

local later = {}

--- Runs a body for many items at once and returns a report: [below](#many-at-once).
---@generic T
---@param items T[]|fun(): T?
---@param options? patchbay.EachOptions
---@param body fun(item: T): any, any
---@return patchbay.Report
function later.each() return require "patchbay.bulk.each" end

--- A function like `patchbay.telegent` for a vendor of your own, from its [description](descriptions.md);
--- raises all faults of the description at once.
---@param description table
---@return fun(options?: table): patchbay.Client
function later.vendor()
  local new = require("patchbay.vendor").new
  return function(description)
    local constructor = new(description, 2) -- not a tail call, see above
    return constructor
  end
end

--- Like `patchbay.vendor`, out of an OpenAPI document (3.0, 3.1, Swagger 2.0) in JSON and an
--- overlay, a person's additions to it, or nil: a constructor, and a report of the operations that can be
--- used; raises if the document cannot be imported. The address of the server has to be in the overlay or in
--- the client's option `base_url`, as the credentials go there. See [openapi.md](openapi.md).
---@param text string
---@param overlay? table
---@return fun(options?: table): patchbay.Client
---@return table
function later.openapi()
  local new = require("patchbay.import.openapi").new
  return function(text, overlay)
    local constructor, report = new(text, overlay, 2) -- not a tail call, see above
    return constructor, report
  end
end

--- A plan: the changes that bring the vendors' records to the state that a file or a table desires:
--- [below](#plans).
---@param clients table
---@param desired string|table
---@param options? patchbay.PlanOptions
---@return patchbay.Plan
---@return patchbay.Error
function later.plan() return require "patchbay.desired" end

--- A snapshot: whole collections as the vendors show them now: [below](#snapshots-and-drift).
---@param clients table
---@param options? patchbay.SnapshotOptions
---@return patchbay.Snapshot
---@return patchbay.Error
function later.snapshot() return require("patchbay.drift").snapshot end

--- A comparison: the differences between two snapshots: [below](#snapshots-and-drift).
---@param before patchbay.Snapshot
---@param after patchbay.Snapshot
---@param options? patchbay.CompareOptions
---@return patchbay.SnapshotComparison
---@return patchbay.Error
function later.compare() return require("patchbay.drift").compare end

--- A comparison: the changes since the last apply or since a snapshot, and whether we made them:
--- [below](#snapshots-and-drift).
---@param clients table
---@param desired? string|table
---@param options? patchbay.DriftOptions
---@return patchbay.SnapshotComparison
---@return patchbay.Error
function later.drift() return require("patchbay.drift").drift end

--- A text in a Redis or Valkey, `redis://host`, in the place of a file, for the state, undo plan, journal or
--- plan of an apply that [several machines](machines.md#one-apply-on-several-machines) may make. Has
--- `read()`, `append(text)`, `replace(text)` and `lock()`; nothing is sent until one of them is called.
---@param address string
---@param name string
---@return patchbay.Storage
function later.storage()
  local new = require("patchbay.shared.storage").new
  return function(address, name)
    local made = new(address, name, 2) -- not a tail call, see above
    return made
  end
end

--- The rows of a CSV file, for a loop: [below](#csv).
---@param file string|file*|table
---@param options? patchbay.CsvOptions
---@return fun(): table<string, string>, integer
function later.csv() return require "patchbay.bulk.csv" end

--- Counts and latencies of the clients made with `metrics = true`: [below](#seeing-it-work).
---@return patchbay.Metrics
function later.metrics() return require("patchbay.exchange.meter").read end

--- The vendors, simulated inside the script: [below](#the-sandbox).
---@param options? patchbay.SandboxOptions
---@return patchbay.Sandbox
function later.sandbox() return require "patchbay.sandbox" end

if program then
  for _, name in ipairs { "each", "csv", "metrics", "vendor", "plan", "snapshot", "compare",
    "drift", "storage" } do patchbay[name] = later[name]() end
end

-- Names that constructors of clients have in other modules.
local makes_clients = { new = true, client = true, connect = true, open = true, init = true, login = true,
  newclient = true, create_client = true, new_client = true }

-- Made when they are first used; see util/lazy.lua. Every method of a record is a function here too, for
-- records whose API has a field of that name.
return setmetatable(patchbay, {
  __index = function(_, name)
    -- An unknown name is nil, as scripts test for functions; a misspelt one would be called.
    if type(name) ~= "string" then return nil end
    local value
    if later[name] then value = later[name]() else value = record.methods[name] end
    if value ~= nil then
      patchbay[name] = value
      return value
    end
    local known = {}
    for _, members in ipairs { patchbay, later, record.methods } do
      for member in pairs(members) do known[member] = true end
    end
    local meant = core.text.suggest(name:lower(), check.names(known))
    if meant then
      error(("patchbay.%s: no such function or value; did you mean %q?"):format(name, meant), 2)
    elseif makes_clients[name:lower()] then
      error(("patchbay.%s: no such function or value; each vendor's clients are made by a function of its "
        .. "own: patchbay.%s{ … }"):format(name, table.concat(vendors, "{ … }, patchbay.")), 2)
    end
  end,
  __call = function()
    error(("patchbay is a module, not a function: make a client, such as patchbay.%s{ … }")
      :format(vendors[1]), 2)
  end,
})
