--- How a list goes from one page to the next: by the number of the page or of the entry, by a token, or by an
-- address. The description of the list says which, in `paging`.

local core = require "patchbay.core"
local next_address = require "patchbay.record.next_address"
local text = require "patchbay.util.text"

local paging = {}

-- Consecutive empty pages that are read while there are further ones.
paging.MOST_EMPTY = 100

--- Whether each page says where the next one is.
function paging.is_linked(described) return described.next_token ~= nil or described.next ~= nil end

--- The path of the link or token of the next page in a response.
function paging.link(described) return described.next_token or described.next end

-- Whether a value says that there is no further page.
local function is_last(value)
  return value == nil or value == core.json.null or value == "" or value == false
end

local function token_of(value)
  if type(value) == "string" then return value end
  if type(value) == "number" and value % 1 == 0 then return text.of(value) end
  return nil, "is neither text nor a number"
end

--- Moves a list on to the page that the last one has named. `steps`: { described =, query = of the list, base
-- = the root of the server, address = of the last page, seen = the set of tokens and addresses }, changed in
-- place. `value`: the last page's link or token. Returns whether there is a further page; or nil and the
-- problem.
function paging.step(steps, value)
  if is_last(value) then return false end
  local token, problem, name
  if steps.described.next_token then
    name = "token"
    token, problem = token_of(value)
  else
    name = "address"
    token, problem = next_address.resolve(steps.address, steps.base, value)
  end
  if not token then return nil, ("the %s of the next page %s"):format(name, problem) end
  -- A server that goes round in a circle would be read for ever.
  if steps.seen[token] then
    return nil, ("the %s of the next page is that of a page that has been read"):format(name)
  end
  steps.seen[token] = true
  if name == "token" then
    steps.query[steps.described.token] = token
  else
    steps.address, steps.follows = token, true
  end
  return true
end

--- Whether a name is that of a query parameter that pages.
function paging.is_parameter(described, name)
  return name == described.page or name == described.size or name == described.offset
    or name == described.limit or name == described.token
end

return paging
