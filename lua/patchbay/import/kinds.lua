--- The operation of a description that an operation of the document is. PATCH is `update`, PUT is `replace`,
-- and POST on one record is nothing, until the overlay quotes in `partial` the vendor's sentence that it
-- leaves other fields unchanged. A POST that can only answer 201 creates the record of its path (RFC 9110,
-- section 15.3.2).

local bodies = require "patchbay.import.bodies"
local members = require "patchbay.import.members"
local outline = require "patchbay.import.outline"

local kinds = {}

local KNOWN = { get = true, list = true, create = true, update = true, replace = true, delete = true }

local function shows_list(document, operation)
  for _, schema in ipairs((bodies.responses(document, operation))) do
    if outline.entries(document.references, schema) then return true end
  end
  return false
end

local function of_all(operation)
  return operation.method == "GET" and "list" or "create"
end

-- Whether the only success that an operation documents is 201.
local function only_creates(operation)
  local creates = false
  for _, status in members.each(operation.node.responses) do
    if status:byte() == 50 and status ~= "201" then return false end
    creates = creates or status == "201"
  end
  return creates
end

-- Whether a resource creates its records with a POST to the path of all of them.
local function creates_elsewhere(group)
  for _, operation in ipairs(group.operations) do
    if operation.of_all and operation.method == "POST" then return true end
  end
  return false
end

local function of_one(self, group, operation)
  local method, partial = operation.method, self.overlay:partial_of(operation, group.key ~= nil)
  if method == "GET" then
    if group.key then return "get" end
    if shows_list(self.document, operation) then
      return nil, "it shows a list, and no path leads to one of its records; where another path does, say "
        .. "the same name for both in the overlay, and kind = \"list\" here; else use client:call"
    end
    return "get"
  elseif method == "PATCH" then
    return "update"
  elseif method == "PUT" then
    return partial and "update" or "replace"
  elseif method == "DELETE" then
    if group.key then return "delete" end
    return nil, "it deletes something that has no key in the path; use client:call"
  end
  if partial then return "update" end
  if group.key and only_creates(operation) and not creates_elsewhere(group) then return "create" end
  if group.key then
    return nil, "nothing says that this POST leaves alone what it does not name; say partial = \"…\" in "
      .. "the overlay "
      .. "with what says so"
  end
  return nil, "a POST to a path without a record of its own may be an action; use client:call, or say "
    .. "partial = \"…\" "
    .. "in the overlay with what says that it is an update"
end

--- The kind of an operation of `group`: "get", "list", "create", "update", "replace" or "delete"; or nil and
-- the reason for none. `self`: document, overlay.
function kinds.of(self, group, operation)
  local said = self.overlay:operation(operation).kind
  if said ~= nil then
    if KNOWN[said] then return said end
    return nil, said == "skip" and "the overlay leaves it out" or "its kind in the overlay is none"
  end
  if operation.of_all then return of_all(operation) end
  return of_one(self, group, operation)
end

return kinds
