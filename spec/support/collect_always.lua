-- collect_always(true): a collection is due all the time, and a step is a whole one; collect_always(false):
-- as Lua has it.

-- Of Lua 5.5, whose program starts in the generational mode.
local former, former_mode = {}, nil

local function set_params(on)
  if on then former_mode = collectgarbage "incremental" end
  for name, value in pairs { pause = 0, stepmul = 0, stepsize = 100 } do -- a stepmul of 0 has no bounds
    if on then former[name] = collectgarbage("param", name) end
    collectgarbage("param", name, on and value or former[name])
  end
  if not on then collectgarbage(former_mode) end
end

return function(on)
  if _VERSION == "Lua 5.5" then
    set_params(on)
  elseif not on then
    collectgarbage("setpause", 200)
    collectgarbage("setstepmul", 100)
  elseif _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 1000, 1000, 63)
    collectgarbage("setpause", 0)
  else
    collectgarbage("setpause", 0)
    collectgarbage("setstepmul", _VERSION == "Lua 5.1" and 0 or 1000000)
  end
  collectgarbage() -- from whose end the new pause counts
end
