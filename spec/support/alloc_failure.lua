-- Every operation of the core, in which the first allocation fails, then the second, and so on until it
-- succeeds. Whichever fails, the only error is out of memory, and a record is either as before the operation
-- or as after it. alloc_failure.c runs this.

local memory = memory -- luacheck: ignore
local core = require "spec.support.core_operations"
local fresh, seen = core.fresh, core.seen

local tried = 0

-- Calls `operation` until no allocation fails; `check` inspects the state after a failure.
local function exhaust(name, prepare, operation, check)
  for n = 1, 100000 do
    local subject = prepare()
    collectgarbage()
    memory.arm(n)
    local good, err = pcall(operation, subject)
    local failed = memory.disarm()
    tried = tried + 1
    if not good then
      assert(failed, ("%s: %s"):format(name, tostring(err)))
      assert(tostring(err):find("not enough memory", 1, true), ("%s: %d: %s"):format(name, n, tostring(err)))
    end
    if check then check(subject, n, good) end
    if not failed then return end
  end
  error(name .. ": it never succeeds")
end

for _, test in ipairs(core.operations) do
  local name, operation, prepare = test[1], test[2], test[3]
  local function ready()
    local r = fresh()
    if prepare then prepare(r) end
    return r
  end
  local before, r = seen(ready()), ready()
  operation(r)
  local after = seen(r)
  exhaust(name, ready, operation, function(subject, n, good)
    local now = seen(subject)
    if now == after or (now == before and not good) then return end
    error(("%s: allocation %d left it half-way:\n%s\nbefore:\n%s\nafter:\n%s"):format(name, n, now, before,
      after))
  end)
end

for _, test in ipairs(core.readings) do
  local before = seen(fresh())
  exhaust(test[1], fresh, test[2], function(subject, n)
    local now = seen(subject)
    if now ~= before then error(("%s: allocation %d changed it:\n%s\nfrom:\n%s"):format(test[1], n, now,
      before)) end
  end)
end

for _, test in ipairs(core.others) do exhaust(test[1], function() end, test[2]) end

print(("%d times out of memory"):format(tried))
