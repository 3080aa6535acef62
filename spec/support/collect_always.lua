-- collect_always(true): a collection is due all the time, and a step is a whole one; collect_always(false): as
-- Lua has it.
return function(on)
  if _VERSION == "Lua 5.5" then
    collectgarbage("param", "pause", on and 0 or 250)
    collectgarbage("param", "stepmul", on and 1000000 or 200)
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
