-- Documents: whatever the JSON is, importing it gives a description that passes and can be written as a file
-- that evaluates to an equal one, or a sentence. It never raises.

local core = require "patchbay.core"
local import = require "patchbay.import"
local checked = require "patchbay.vendor.checked"
local write = require "patchbay.import.write"

local function overlay()
  return {
    name = "acme", base_url = "https://api.acme.example",
    credentials = { { "api_key", type = "string", secret = true } },
    auth = { scheme = "header", header = "X-Key", needs = { "api_key" } },
  }
end

local function same(a, b, seen)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if seen[a] == b then return true end
  seen[a] = b
  for key, member in next, a do
    if not same(member, b[key], seen) then return false end
  end
  for key in next, b do
    if a[key] == nil then return false end
  end
  return true
end

return function(text)
  local document = core.json.decode_ordered(text)
  if document == nil then return end
  local description, report = import.description(document, overlay())
  if not description then
    assert(report.kind == "invalid" and #report.faults > 0)
    assert(not tostring(report):find "[%z\1-\9\11-\31\127]")
    return
  end
  if next(description.resources) == nil then return end
  local api, problem = checked.copy(description)
  assert(api, problem)
  local code = write.text(description)
  local chunk = assert((rawget(_G, "loadstring") or load)(code))
  assert(same(description, chunk(), {}), code)
end
