--- Bodies and verdicts about them from the scripts beside this file, which know nothing of Patchbay.

local core = require "patchbay.core"
local system = require "spec.support.system"

local python = {}

local PYTHONS = { "python3", "/usr/bin/python3" }
local interpreter

local function program()
  for _, name in ipairs(interpreter and {} or PYTHONS) do
    local _, _, status = system.run(name .. " -c 'import jsonschema, rfc3987'")
    if status == 0 then
      interpreter = name
      break
    end
  end
  return assert(interpreter,
    "no Python has the packages jsonschema and rfc3987; bin/setup specs installs them")
end

local function run(script, document, lines)
  local path = os.tmpname()
  system.write(path, table.concat(lines, "\n"), "\n")
  local out, err, status = system.run(("%s -W ignore spec/support/openapi/%s %s <%s"):format(program(),
    script,
    system.quote(document), path))
  os.remove(path)
  assert(status == 0, err)
  local results = {}
  for line in out:gmatch "[^\n]+" do results[#results + 1] = line end
  assert(#results == #lines, "a line for each")
  return results
end

--- For each of the operations (lists of { method =, path = }) of the document in a file: its bodies, see
-- bodies.py. `text` members are the JSON texts as the script wrote them.
function python.bodies(document, operations)
  local lines = {}
  for i, one in ipairs(operations) do lines[i] = one.method .. "\t" .. one.path end
  local results = run("bodies.py", document, lines)
  for i, line in ipairs(results) do results[i] = assert(core.json.decode(line)) end
  return results
end

--- For each of the bodies (lists of { method =, path =, media =, body = }): "ok", or what is wrong.
function python.verdicts(document, bodies)
  local lines = {}
  for i, one in ipairs(bodies) do
    assert(not one.body:find "[\t\n]", one.body)
    lines[i] = table.concat({ one.method, one.path, one.media, one.body }, "\t")
  end
  return lines[1] and run("verdicts.py", document, lines) or {}
end

return python
