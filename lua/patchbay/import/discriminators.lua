--- Objects of a union that a member tells apart: by the document's discriminator, or by a member that each of
-- them has to have, with texts that no other has.

local members = require "patchbay.import.members"
local copy = require("patchbay.import.rules").copy
local references = require "patchbay.import.references"

local discriminators = {}

-- Texts of one branch: each becomes a branch of its own.
local MOST_WORDS = 20

local function property_of(rules, name)
  for i, property in ipairs(rules.properties or {}) do
    if property[1] == name then return property, i end
  end
end

-- The texts by which the member shows the branch; nil where it may hold any.
local function words_of(property)
  if not property or property.type ~= "string" or property.nullable then return nil end
  if type(property.enum) == "table" and #property.enum <= MOST_WORDS then return property.enum end
end

-- The texts that the document's discriminator has for the branch of that name: those of its mapping, or the
-- name itself.
local function mapped(discriminator, name)
  local words = {}
  for _, word, target in members.each(discriminator.mapping) do
    if type(target) == "string" and (target == name or references.name_of { ["$ref"] = target } == name) then
      words[#words + 1] = word
    end
  end
  return words[1] and words or { name }
end

-- The texts of a branch by its member and by the document's discriminator: those that both have, as a member
-- that the branches share has the texts of all of them.
local function words_for(branch, discriminator)
  local own = words_of(property_of(branch.rules, discriminator.propertyName))
  local said = branch.name and mapped(discriminator, branch.name)
  if not own or not said or not own[2] then return own or said or nil end
  local allowed, both = {}, {}
  for _, word in ipairs(own) do allowed[word] = true end
  for _, word in ipairs(said) do
    if allowed[word] then both[#both + 1] = word end
  end
  return both[1] and both or own
end

-- A copy of the branch in which the member has this text alone.
local function with_word(self, rules, member, word)
  local made, properties = copy(rules), {}
  local own, at = property_of(rules, member)
  for i, property in ipairs(rules.properties or {}) do properties[i] = property end
  local marked = { member, type = "string", enum = { word }, description = own and own.description }
  properties[at or #properties + 1] = marked
  made.properties = properties
  self.heights[made] = self.heights[rules]
  self.raws[marked] = { type = "string", enum = { word } }
  return made
end

-- The branches, each with one text; or nil and the problem.
local function told_apart(self, objects, member, words)
  local branches, taken = {}, {}
  for i, branch in ipairs(objects) do
    for _, word in ipairs(words[i]) do
      if taken[word] and taken[word] ~= branch.rules then
        return nil, ("two of its objects both have %s = %q"):format(member, word)
      end
      if not taken[word] then branches[#branches + 1] = with_word(self, branch.rules, member, word) end
      taken[word] = branch.rules
    end
  end
  return branches, member
end

local function by_document(self, objects, discriminator)
  local member, words = discriminator.propertyName, {}
  for i, branch in ipairs(objects) do
    words[i] = words_for(branch, discriminator)
    if not words[i] then return nil, ("nothing says which %s one of its objects has"):format(member) end
  end
  return told_apart(self, objects, member, words)
end

local function is_required(rules, name)
  for _, required in ipairs(rules.required or {}) do
    if required == name then return true end
  end
  return false
end

-- Whether texts of the branches are all different.
local function are_distinct(words)
  local taken = {}
  for _, list in ipairs(words) do
    for _, word in ipairs(list) do
      if taken[word] then return false end
    end
    for _, word in ipairs(list) do taken[word] = true end
  end
  return true
end

local function by_member(self, objects)
  for _, property in ipairs(objects[1].rules.properties or {}) do
    local member, words = property[1], {}
    for i, branch in ipairs(objects) do
      words[i] = is_required(branch.rules, member) and words_of(property_of(branch.rules, member)) or nil
      if not words[i] then break end
    end
    if #words == #objects and are_distinct(words) then return told_apart(self, objects, member, words) end
  end
  return nil, "two of its branches are both object, and nothing tells them apart"
end

--- The rules of the branches in `objects` (a list of { rules =, name = }), each with a member of one text,
-- and the name of that member; or nil and the problem. `discriminator`: the document's, or nil.
function discriminators.apply(self, objects, discriminator)
  if members.is_object(discriminator) and type(discriminator.propertyName) == "string" then
    return by_document(self, objects, discriminator)
  end
  return by_member(self, objects)
end

return discriminators
