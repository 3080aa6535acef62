--- Checks the branches of a oneOf: a value has to show which of them it belongs to, by its JSON type or, of
-- objects, by a member.

local faults = require "patchbay.vendor.faults"

local unions = {}

-- Keywords of the whole field, which a branch cannot have for itself.
local OF_FIELD = { "readOnly", "undocumented", "echo", "unreliable", "also", "oneOf", "refused" }

-- Integers are numbers in JSON.
local function json_type(branch) return branch.type == "integer" and "number" or branch.type end

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

local function check_branch(found, branch, path, taken, member)
  for _, keyword in ipairs(OF_FIELD) do
    if branch[keyword] ~= nil then
      found:add(faults.at(path, keyword), "it stands beside oneOf, not in a branch; move it there")
    end
  end
  local kind = json_type(branch)
  if not kind then
    if not found.incomplete[branch] then
      found:add(faults.at(path, "type"), "missing; a branch is told from the others by its type; write one")
    end
    return
  end
  local key = kind
  if kind == "object" and member then
    local word, problem = word_of(branch, member)
    if not word then return found:add(path, "%s", problem) end
    key = "object " .. word
  end
  if taken[key] and kind == "object" and not member then
    found:add(path, "a branch before it is an object, too, and nothing tells the two apart; write "
      .. 'discriminator = { propertyName = "…" } beside oneOf')
  elseif taken[key] then
    found:add(path, "a branch before it has the same %s, and nothing tells the two apart; take one out",
      kind == "object" and faults.quote(member) or "JSON type")
  end
  taken[key] = true
end

--- Adds the faults of the union `field` at `path` to `found`.
function unions.check(found, field, path)
  if field.type then
    found:add(faults.at(path, "type"), "it cannot stand beside oneOf, whose branches have types of their "
      .. "own; take it out")
  end
  local taken, at = {}, faults.at(path, "oneOf")
  local member = field.discriminator and field.discriminator.propertyName
  for i, branch in ipairs(field.oneOf) do check_branch(found, branch, faults.at(at, i), taken, member) end
end

return unions
