--- The value at a path such as "meta.total" in a decoded value; nil where there is none. `member`: a function
-- that reads the member of an object by its name, where that is not plain indexing.
return function(value, path, member)
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    if member then value = member(value, name) else value = value[name] end
  end
  return value
end
