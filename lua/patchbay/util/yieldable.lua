--- Whether the running code can be put aside: a function that C calls back (of table.sort, of string.gsub,
-- and with Lua 5.1 of pcall, a metamethod and an iterator too) cannot.

-- Lua 5.1 and 5.2 do not tell, but their stack does. In both a C function in it says no, but for those
-- that Lua 5.2 can take up again.
local resumable = {}
if _VERSION ~= "Lua 5.1" then
  for _, name in ipairs { "pcall", "xpcall", "dofile" } do resumable[_G[name]] = true end
end

local function above_c()
  local level = 3
  local frame = debug.getinfo(level, "Sf")
  while frame do
    if frame.what == "C" and not resumable[frame.func] then return false end
    level = level + 1
    frame = debug.getinfo(level, "Sf")
  end
  return true
end

-- Lua 5.1 calls metamethods and iterators by way of C that its stack does not show: they are known by not
-- being called by any name, and by the name "(for generator)". Of those called last in another function
-- (return f()) no more is known; they are taken for called.
local function above_c_or_unnamed()
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

local by_stack = _VERSION == "Lua 5.1" and above_c_or_unnamed or above_c

return coroutine.isyieldable or by_stack -- luacheck: ignore 143
