--- References of a document: `{ "$ref": "#/components/schemas/Line" }`. Those within the document are
-- followed; files and addresses are never read.

local budgets = require "patchbay.import.budgets"
local core = require "patchbay.core"
local members = require "patchbay.import.members"

local pointer = core.document.pointer

local references = {}
references.__index = references

--- The references of the document whose root is `root`. `outlines`: see outline.lua.
function references.new(root)
  return setmetatable({ root = root, targets = {}, ends = {}, problems = {},
    outlines = {} }, references)
end

local function lookup(self, ref)
  local parts = pointer(ref)
  if not parts then
    return nil, "it refers to " .. (ref:find "^%a[%w+.-]*:" and "another address" or ref:sub(1, 1) == "#"
      and "an anchor" or "another file") .. "; only what stands in the document itself is read"
  end
  local at = self.root
  for i = 1, #parts do
    local part = parts[i]
    if members.is_list(at) then
      at = part:find "^%d+$" and at[tonumber(part) + 1] or nil
    elseif type(at) == "table" then
      at = at[part]
    else
      at = nil
    end
    if at == nil then return nil, "it refers to something that the document does not have" end
  end
  return at
end

--- The target of `node`'s reference, or `node` itself; or nil and the problem.
function references:follow(node)
  if type(node) ~= "table" then return node end
  local first = node["$ref"]
  if first == nil then return node end
  local known = self.ends[first]
  if known then return known end
  local steps = 0
  while type(node) == "table" do
    local ref = node["$ref"]
    if type(ref) ~= "string" then return node end
    local target = self.targets[ref]
    if target == nil then
      target, self.problems[ref] = lookup(self, ref)
      self.targets[ref] = target or false
    end
    if not target then return nil, self.problems[ref] or "it refers to false" end
    node, steps = target, steps + 1
    if steps > budgets.LONGEST_CHAIN then return nil, "its references lead to one another without an end" end
    if type(node) == "table" and node["$ref"] == nil then
      self.ends[first] = node
      return node
    end
  end
  return node
end

--- The last name in a reference, which OpenAPI takes for the name of the schema; nil for none.
function references.name_of(node)
  local ref = type(node) == "table" and node["$ref"]
  if type(ref) ~= "string" then return nil end
  -- Of another file, too: names are compared, and nothing is read.
  local parts = pointer("#/" .. ref:match "[^/]*$")
  return parts[1]
end

return references
