--- Tells fields whose values may be secrets.

local function is_secret(field, seen)
  if type(field) ~= "table" or seen[field] then return false end
  seen[field] = true
  if field.secret then return true end
  if is_secret(field.items, seen) or is_secret(field.additionalProperties, seen) then return true end
  for _, branch in ipairs(field.oneOf or field.anyOf or {}) do
    if is_secret(branch, seen) then return true end
  end
  return false
end

--- Whether a field is secret, or something within it that no member names: an item of a list, a value of a
-- map, a branch, at any depth.
return function(field) return is_secret(field, {}) end
