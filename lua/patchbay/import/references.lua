--- References of a document: `{ "$ref": "#/components/schemas/Line" }`. Those within the document are
-- followed; files and addresses are never read.

local budgets = require "patchbay.import.budgets"
local members = require "patchbay.import.members"

local references = {}
references.__index = references

--- The references of the document whose root is `root`. `outlines`: see outline.lua.
function references.new(root)
  return setmetatable({ root = root, targets = {}, ends = {}, problems = {},
    outlines = {} }, references)
end

-- A part of a JSON pointer (RFC 6901) within the fragment of a URI.
local function unescaped(part)
  if not part:find "[%%~]" then return part end
  part = part:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
  return (part:gsub("~1", "/"):gsub("~0", "~"))
end

local function lookup(self, ref)
  -- As nearly all are: "#/definitions/Line".
  local first, second = ref:match "^#/([^/~%%]+)/([^/~%%]+)$"
  local holder = first and self.root[first]
  if members.is_object(holder) and holder[second] ~= nil then return holder[second] end
  if ref == "#" then return self.root end
  if ref:sub(1, 2) ~= "#/" then
    return nil, "it refers to " .. (ref:find "^%a[%w+.-]*:" and "another address" or ref:sub(1, 1) == "#"
      and "an anchor" or "another file") .. "; only what stands in the document itself is read"
  end
  local at = self.root
  for part in ref:sub(2):gmatch "/([^/]*)" do
    part = unescaped(part)
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
  return type(ref) == "string" and unescaped(ref:match "([^/]*)$") or nil
end

return references
