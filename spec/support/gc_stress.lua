-- Runs everything in support/core_operations.lua and support/whole_calls.lua with a full collection at every
-- allocation of Lua's: objects in use must not be collected, and finalizers must not interfere.
--
--   lua gc_stress.lua BASE_URL JOURNAL

-- Compiled code returns to the interpreter at a collection, and makes no progress if one is always due.
if jit then jit.off() end -- luacheck: ignore 113

local base_url, journal = ...
local core = require "spec.support.core_operations"
local calls = require "spec.support.whole_calls" (base_url, journal)
local collect_always = require "spec.support.collect_always"

require "patchbay.core".system.random = function() return 0 end

-- A finalizer that runs shows that a collection took place. Lua 5.1 has finalizers for userdata only.
local collections = 0

local function watch()
  local function collected()
    collections = collections + 1
    watch()
  end
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = collected -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = collected })
  end
end

local function stressed(call, ...)
  collect_always(true)
  local results = { pcall(call, ...) }
  collect_always(false)
  return results[1], results[2], results[3]
end

watch()

for _, test in ipairs(core.operations) do
  local name, operation, prepare = test[1], test[2], test[3]
  local function done(how)
    local r = core.fresh()
    if prepare then prepare(r) end
    assert(how(operation, r))
    return r
  end
  local expected, r = core.seen(done(pcall)), done(stressed)
  local _, seen = assert(stressed(core.seen, r))
  if seen ~= expected then error(name .. ": it is\n" .. seen .. "\nnot\n" .. expected) end
end

for _, tests in ipairs { core.readings, core.others } do
  for _, test in ipairs(tests) do assert(stressed(test[2], core.fresh())) end
end

for _, job in ipairs(calls.jobs) do
  calls.refresh()
  local subject = job.prepare()
  local good, value, err = stressed(job.call, subject)
  if not good or value == nil then error(job[1] .. ": " .. tostring(good and err or value)) end
  if job.succeeded then job.succeeded(subject, value) end
  job.again(subject)
end

print(collections .. " collections")
