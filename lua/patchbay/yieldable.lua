--- Whether the running code can be put aside: a function that C calls back (of table.sort, of string.gsub,
-- and with Lua 5.1 of pcall, a metamethod and an iterator too) cannot.

-- Lua 5.1 and 5.2 do not tell. Their stack does: by a C function in it, by a function that is called for
-- a `for`, and by one that is not called by any name, as a metamethod is. Of those called last in another
-- function (return f()) no more is known; they are taken for called.
local function by_stack()
  local level = 3
  local frame = debug.getinfo(level, "Sn")
  while frame do
    local below = debug.getinfo(level + 1, "Sn")
    if frame.what == "C" or frame.name == "(for generator)" then return false end
    if frame.what ~= "tail" and frame.namewhat == "" and below and below.what ~= "tail" then return false end
    frame, level = below, level + 1
  end
  return true
end

return coroutine.isyieldable or by_stack -- luacheck: ignore 143
