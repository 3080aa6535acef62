--- Tells fields whose values may be secrets.

local NONE = {}

local function is_secret(field, with_members, seen)
  if type(field) ~= "table" or seen[field] then return false end
  seen[field] = true
  if field.secret or is_secret(field.items, with_members, seen)
    or is_secret(field.additionalProperties, with_members, seen) then
    return true
  end
  for _, branch in ipairs(field.oneOf or field.anyOf or NONE) do
    if is_secret(branch, with_members, seen) then return true end
  end
  for _, member in ipairs(with_members and field.properties or NONE) do
    if is_secret(member, with_members, seen) then return true end
  end
  return false
end

--- Whether a field is secret, or something within it that no member names: an item of a list, a value of a
-- map, a branch, at any depth. `with_members`: or a member that has a name.
return function(field, with_members) return is_secret(field, with_members, {}) end
