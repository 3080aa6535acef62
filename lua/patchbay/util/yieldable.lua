--- Returns whether the running code can yield. A callback of a C function cannot (of table.sort or
-- string.gsub; in Lua 5.1 also of pcall, a metamethod or an iterator).

-- Lua 5.1 and 5.2 have no coroutine.isyieldable, but a C function on the stack means no, except for those
-- that Lua 5.2 can resume.
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

-- Lua 5.1 calls metamethods and iterators through C that its stack does not show. They are recognised by
-- having no name, or the name "(for generator)". A function called in a tail call (return f()) has no name
-- either; it counts as called by Lua.
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
