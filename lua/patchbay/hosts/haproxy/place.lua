--- Determines where in HAProxy the running code is, and whether it can wait there.
--
-- HAProxy ends Lua that waits in a sample fetch, a converter or an action of http-after-response rules, and
-- has no function that tells Lua so. Therefore the functions that register them are wrapped, and whatever is
-- registered after patchbay was loaded is known. HAProxy ends a function that was registered earlier, with a
-- line in its log, before anything is sent.

-- HAProxy's own table; its name is that of our core.
local haproxy = rawget(_G, "core")

local place = {}

--- The shortest sleep in milliseconds. In an action, core.msleep(0) never returns from HAProxy 2.8 on: the
-- stream finds its time over before it has slept, starts again at once, and the watchdog ends the process.
-- Before 2.8, an action of tcp-request or tcp-response rules whose time is over before HAProxy has put it to
-- sleep is woken only by the inspect-delay; on a busy machine that happened to one sleep of 1 ms in 40, and
-- to one of 2 ms in 2000.
place.SHORTEST = 2

-- Coroutine -> the sample fetch, converter or action that runs in it. An error leaves the entry behind, but
-- HAProxy does not use that coroutine again.
local inside = setmetatable({}, { __mode = "k" })

local function leave(co, ...)
  inside[co] = nil
  return ...
end

-- Wraps `f` so that its coroutine is known to be `where` while it runs.
local function placed(f, where)
  return function(...)
    local co = coroutine.running()
    inside[co] = where
    return leave(co, f(...))
  end
end

for name, what in pairs { register_fetches = "sample fetch", register_converters = "converter" } do
  local register = haproxy[name]
  haproxy[name] = function(called, f, ...)
    if type(f) ~= "function" then return register(called, f, ...) end
    return register(called, placed(f, ("in the %s %q"):format(what, called)), ...)
  end
end

-- The only rules whose actions cannot wait (HAProxy 2.8 on).
local AFTER = "http-after-res"

local register_action = haproxy.register_action
function haproxy.register_action(called, kinds, f, ...)
  local others, after = {}, false
  if type(kinds) == "table" and type(f) == "function" then
    for _, kind in ipairs(kinds) do
      if kind == AFTER then after = true else others[#others + 1] = kind end
    end
  end
  if not after then return register_action(called, kinds, f, ...) end
  if #others > 0 then register_action(called, others, f, ...) end
  return register_action(called, { AFTER },
    placed(f, ("in an action of http-after-response rules (%q)"):format(called)), ...)
end

-- The coroutines of services, which can always wait.
local services = setmetatable({}, { __mode = "k" })

local register_service = haproxy.register_service
function haproxy.register_service(called, mode, f, ...)
  if type(f) ~= "function" then return register_service(called, mode, f, ...) end
  return register_service(called, mode, function(...)
    services[coroutine.running()] = true
    return f(...)
  end, ...)
end

-- The coroutines of a script's own. In HAProxy 2.6 its functions do nothing there; in newer ones they work as
-- outside (2.8 for coroutine.create, 3.5 for coroutine.wrap), but waiting there only yields to the script.
local scripts = setmetatable({}, { __mode = "k" })

for _, name in ipairs { "create", "wrap" } do
  local make = coroutine[name]
  coroutine[name] = function(f) -- luacheck: ignore 122
    if type(f) ~= "function" then return make(f) end
    return make(function(...)
      scripts[coroutine.running()] = true
      return f(...)
    end)
  end
end

local function cannot_wait(where)
  return { kind = "unsupported", sent = "no", retry = "never",
    message = "HAProxy does not let Lua wait " .. where
      .. "; make the call in an action, a service or a task (core.register_task)" }
end

--- The reason why the running code cannot wait, as a fault; nil when it can, or when HAProxy ends it here.
-- `own`: the set of coroutines that can.
function place.unable(own)
  local co, is_main = coroutine.running()
  if is_main then
    return cannot_wait "while it reads its configuration (a file's own code, core.register_init)"
  elseif not coroutine.isyieldable() then -- luacheck: ignore 143
    return cannot_wait "within a function that C calls, as table.sort and string.gsub do"
  elseif inside[co] then
    return cannot_wait(inside[co])
  elseif own[co] or services[co] then
    return nil
  elseif scripts[co] or not haproxy.httpclient() then
    return cannot_wait "within a coroutine of the script's own"
  end
  -- HAProxy ends code here that must not wait. core.yield would not do: where that is not allowed, HAProxy
  -- continues with the code.
  haproxy.msleep(place.SHORTEST)
  return nil
end

return place
