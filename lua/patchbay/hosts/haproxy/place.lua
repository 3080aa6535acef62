--- Where in HAProxy the running code is, and whether it can wait there.
--
-- HAProxy ends Lua that waits in a sample fetch or a converter, and no function of its tells Lua that it is
-- in one. So the functions that register them are wrapped: what is registered once patchbay is loaded says
-- where it is. What was registered before is ended by HAProxy, with a line in its log, before anything is
-- sent.

-- HAProxy's own table, whose name is that of our core.
local haproxy = rawget(_G, "core")

local place = {}

-- The shortest sleep in milliseconds. In an action, core.msleep(0) never returns from HAProxy 2.8 on: the stream
-- finds its time over before it has slept, starts again at once, and the watchdog ends the whole process.
local SHORTEST = 1

-- Coroutine -> the sample fetch or converter that runs in it. One that raises leaves its entry behind, and
-- HAProxy never uses its coroutine again.
local inside = setmetatable({}, { __mode = "k" })

local function leave(co, ...)
  inside[co] = nil
  return ...
end

for name, what in pairs { register_fetches = "sample fetch", register_converters = "converter" } do
  local register = haproxy[name]
  haproxy[name] = function(called, f, ...)
    if type(f) ~= "function" then return register(called, f, ...) end
    return register(called, function(...)
      local co = coroutine.running()
      inside[co] = ("in the %s %q"):format(what, called)
      return leave(co, f(...))
    end, ...)
  end
end

local function cannot_wait(where)
  return { kind = "unsupported", sent = "no", retry = "never",
    message = "HAProxy does not let Lua wait " .. where
      .. "; make the call in an action, a service or a task (core.register_task)" }
end

--- Why the running code cannot wait, as a fault; nil: it can, or HAProxy ends it here. `own`: set of
-- coroutines that can.
function place.unable(own)
  local co, is_main = coroutine.running()
  if is_main then
    return cannot_wait "while it reads its configuration (a file's own code, core.register_init)"
  elseif not coroutine.isyieldable() then -- luacheck: ignore 143
    return cannot_wait "within a function that C calls, as table.sort and string.gsub do"
  elseif own[co] then
    return nil
  elseif inside[co] then
    return cannot_wait(inside[co])
  elseif not haproxy.httpclient() then
    return cannot_wait "within a coroutine of the script's own"
  end
  -- It ends here where HAProxy does not let it wait. core.yield would not do: where that is not allowed,
  -- HAProxy goes on with the code.
  haproxy.msleep(SHORTEST)
  return nil
end

return place
