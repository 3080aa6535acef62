-- A record type of the core with a field of every kind, and helpers for its specs.

local core = require "patchbay.core"
local record = core.record

local support = {}

support.fields = {
  { "Id", type = "string", readOnly = true, remedy = "it names the record" },
  { "Name", type = "string" },
  { "Transport", type = "string", enum = { "UDP", "TCP", "TLS" }, nullable = true },
  { "Enabled", type = "boolean" },
  { "Priority", type = "integer" },
  { "Password", type = "string", secret = true },
  { "Ips", type = "array", items = { type = "object", properties = {
    { "Ip", type = "string" }, { "Token", type = "string", secret = true },
    { "Since", type = "string", readOnly = true } } } },
  { "Free" },
  { "Sms", type = "object", nullable = true, properties = {
    { "Url", type = "string" },
    { "Status", type = "string", readOnly = true },
    { "Retry", type = "object", nullable = true, properties = {
      { "Count", type = "integer" },
      { "Wait", type = "object", properties = { { "Seconds", type = "integer" }, { "Unit",
        type = "string" } } },
      { "List", type = "array", items = { type = "integer" } },
    } },
  } },
  { "Vault", type = "object", secret = true, properties = { { "Pin", type = "string" } } },
  { "Tags", type = "object", additionalProperties = { type = "string" }, properties = {} },
}

-- As in lua/patchbay/record/fold.lua: the response overlays the sent fields, which overlay the state.
function support.fold(_, state, sent, answer, read)
  local new = {}
  if not read then
    for name, value in pairs(state or {}) do new[name] = value end
    for name, value in pairs(sent or {}) do new[name] = value end
  end
  if type(answer) == "string" then answer = core.json.decode(answer) end
  for name, value in pairs(answer or {}) do new[name] = value end
  return new
end

function support.new_type(properties, lenient)
  return record.type(core.schema.compile({ type = "object", properties = properties }, lenient), "routes",
    { update = function() return "updated" end, Name = function() return "hidden" end }, support.fold, "Id")
end

support.strict, support.lenient = support.new_type(support.fields), support.new_type(support.fields, true)

function support.new(state, metatable)
  local r = record.new(metatable or support.strict, "R-1", { "owner" })
  if state then record.load(r, state) end
  return r
end

-- Whether anything is assigned.
function support.changed(r) return select(2, record.payload(r)) ~= "nothing" end

-- The payload of an update.
function support.sent(r, options)
  options = options or {}
  local text, problem, message = record.payload(r, options.key, options.merged, options.leaves, options.mask)
  return text or (problem .. (message and ": " .. message or ""))
end

-- The error of `change(r)`, without its position.
function support.mistake(change, r)
  local good, message = pcall(change, r or support.new())
  assert(not good, "nothing was raised")
  return (message:gsub("^[^:]+:%d+: ", ""))
end

return support
