--- Whether a value can be called: a function, or an object whose metatable says how.

-- An open file is never looked at: compiled by LuaJIT of before the end of 2024, getmetatable of one gives
-- garbage, and what is done with that ends the process.
return function(value)
  local kind = type(value)
  if kind == "function" then return true end
  if kind ~= "table" and kind ~= "userdata" or io.type(value) then return false end
  local metatable = getmetatable(value)
  return type(metatable) == "table" and type(metatable.__call) == "function"
end
