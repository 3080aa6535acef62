--- Checks the branches of oneOf and anyOf: with a discriminator, each object has a text by which a value
-- shows that it belongs to it.

local faults = require "patchbay.vendor.faults"

local unions = {}

-- Keywords of the whole field, which a branch cannot have for itself.
local OF_FIELD = { "readOnly", "undocumented", "echo", "unreliable", "also", "refused" }

-- The text of the discriminator's member in a branch; or nil and the problem.
local function word_of(branch, member)
  for _, property in ipairs(branch.properties or {}) do
    if property[1] == member then
      local word = property.const
      if word == nil and property.enum and not property.enum[2] then word = property.enum[1] end
      if property.type == "string" and type(word) == "string" then return word end
      return nil, ("%s has to be a text of one value; write type = \"string\", const = \"…\""):format(
        faults.quote(member))
    end
  end
  return nil, ('the discriminator %s is no property of it; write { %s, type = "string", const = "…" }')
    :format(faults.quote(member), faults.quote(member))
end

local function check_branch(found, branch, path, taken, member, union)
  for _, keyword in ipairs(OF_FIELD) do
    if branch[keyword] ~= nil then
      found:add(faults.at(path, keyword), "it stands beside %s, not in a branch; move it there", union)
    end
  end
  if not member or branch.type ~= "object" then return end
  local word, problem = word_of(branch, member)
  if not word then return found:add(path, "%s", problem) end
  if taken[word] then
    found:add(path, "a branch before it has the same %s, and nothing tells the two apart; take one out",
      faults.quote(member))
  end
  taken[word] = true
end

--- Adds the faults of the union `field` at `path` to `found`.
function unions.check(found, field, path)
  local union = field.oneOf and "oneOf" or "anyOf"
  if field.type then
    found:add(faults.at(path, "type"), "it cannot stand beside %s, whose branches have types of their own; "
      .. "take it out", union)
  end
  if field.oneOf and field.anyOf then
    found:add(faults.at(path, "anyOf"), "it cannot stand beside oneOf; write a branch of one of them with "
      .. "the other one in it")
  end
  local taken, at = {}, faults.at(path, union)
  local member = field.discriminator and field.discriminator.propertyName
  for i, branch in ipairs(field[union]) do
    check_branch(found, branch, faults.at(at, i), taken, member, union)
  end
end

return unions
