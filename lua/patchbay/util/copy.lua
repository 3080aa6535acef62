--- A new table with the members of `original`, and without its metatable. Tables in it stay the same ones.
return function(original)
  local new = {}
  for name, value in pairs(original) do new[name] = value end
  return new
end
