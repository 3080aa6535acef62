-- Error bodies as a description's `errors` tells of them; where it tells nothing, {"message": …}.

local errors = require "patchbay.sandbox.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"

local generic_errors = {}

-- Sets the value at a path such as "error.message", or "errors[].detail" in the first entry of a list.
local function set(body, path, value)
  local names = {}
  for name in path:gmatch "[^.]+" do names[#names + 1] = name end
  for index, name in ipairs(names) do
    local bare, is_list = name:match "^(.-)(%[%])$"
    name = bare or name
    local last = index == #names
    if is_list then
      local entry = last and value or {}
      body[name] = json.array { entry }
      body = entry
    elseif last then
      body[name] = value
    else
      if not json.is_object(body[name]) then body[name] = {} end
      body = body[name]
    end
  end
end

-- The status of a body that breaks a rule: 422 where that is documented, else 400.
function generic_errors.invalid(description)
  for _, status in ipairs((description.errors or {}).documented or {}) do
    if status == 422 then return 422 end
  end
  return 400
end

function generic_errors.answer(problem, description, random)
  local described, envelope = description.errors or {}, description.envelope or {}
  local message = errors.message(problem)
  local body = {}
  if envelope.code then body[envelope.code] = problem.status end
  if envelope.request_id then body[envelope.request_id] = random:uuid() end
  if described.status then set(body, described.status, problem.status) end
  if described.request_id then set(body, described.request_id[1], random:uuid()) end
  local place = (described.fields or {})[1]
  if place and problem.field then set(body, place, { [problem.field] = json.array { problem.why } }) end
  if not (place and problem.field and (described.message or {})[1] == place) then
    set(body, (described.message or {})[1] or "message", message)
  end
  return http.answer(problem.status, body)
end

return generic_errors
