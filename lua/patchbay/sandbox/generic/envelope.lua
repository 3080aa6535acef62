-- The members around the content of a response: the vendor's envelope, and those of a list.

local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"

local envelope = {}

-- Sets the value at a dotted path of an object.
local function set(object, path, value)
  local before, last = path:match "^(.*)%.([^.]+)$"
  for name in (before or ""):gmatch "[^.]+" do
    if not json.is_object(object[name]) then object[name] = {} end
    object = object[name]
  end
  object[last or path] = value
end

-- The content of a list's response, and the members beside it: those are around the envelope's data where
-- that is the bare list.
local function content_of(page, operation)
  local list, root = operation.list, {}
  local paging = list.paging or {}
  local content = page.entries
  local wrapped = operation.envelope and operation.envelope.data
  if list.items then
    content = {}
    set(content, list.items, page.entries)
  elseif not wrapped and next(paging) then
    content = { [operation.name] = page.entries }
  end
  local beside = list.items and content or wrapped and root or content
  if paging.total then set(beside, paging.total, page.total) end
  local outside = wrapped and root or content
  if paging.next_token then set(outside, paging.next_token, page.next_token or json.null) end
  if paging.next then set(outside, paging.next, page.next or json.null) end
  return content, root
end

-- The body of a successful response.
function envelope.around(value, status, operation, context)
  local root = {}
  if operation.list then value, root = content_of(value, operation) end
  local described = operation.envelope
  if not described or value == "" then return value end
  local function put(member, content)
    if described[member] then set(root, described[member], content) end
  end
  put("data", value)
  put("code", status)
  put("message", "Success")
  put("request_id", context.random:uuid())
  put("timestamp", http.timestamp(context.clock()))
  return root
end

return envelope
