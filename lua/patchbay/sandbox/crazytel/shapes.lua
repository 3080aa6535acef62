-- Crazytel's error bodies, which are not documented. Its operations are named as FastAPI names them, so
-- FastAPI's shape is the default; programs in use look for `error.message` and `message`.

local errors = require "patchbay.sandbox.errors"
local json = require "patchbay.sandbox.json"

local shapes = {}

local KINDS = { missing = "missing", unknown = "extra_forbidden", type = "type_error", value = "value_error" }

-- block_prefs.block_list[0] -> "body", "block_prefs", "block_list", 0
local function location(problem)
  local steps = json.array { problem.place or "body" }
  for name, index in (problem.field or ""):gmatch "([^.%[%]]+)%[?(%d*)" do
    steps[#steps + 1] = name
    if index ~= "" then steps[#steps + 1] = tonumber(index) end
  end
  return steps
end

function shapes.detail(_, message) return { detail = message } end

function shapes.detail_list(problem, message)
  return { detail = json.array { json.ordered({ "loc", "msg", "type" }, {
    loc = location(problem), msg = problem.why or message, type = KINDS[problem.kind] or "value_error" }) } }
end

-- A list for a value of the wrong form, else text.
function shapes.fastapi(problem, message)
  return (problem.status == 422 and shapes.detail_list or shapes.detail)(problem, message)
end

setmetatable(shapes, { __index = errors.shapes })

return shapes
