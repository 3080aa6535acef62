--- The first of what `problem(name, value)` says of the members of a table; nil: nothing. Of several always
-- the same one, whatever order the table is gone through in.
return function(given, problem)
  local first
  for name, value in pairs(given) do
    local why = problem(name, value)
    if why and (not first or why < first) then first = why end
  end
  return first
end
