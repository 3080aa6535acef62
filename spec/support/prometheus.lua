--- Reads Prometheus' text format with the parser of its Python client.

local system = require "spec.support.system"

local prometheus = {}

-- One line per sample: its name, its labels by name, and its value.
local READ = [[
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
for family in parse(open(sys.argv[1]).read()):
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        print(f"{sample.name} {labels}\t{sample.value}")
]]

-- The Python that has it: the system's, where another one comes first.
local python
local function find()
  if python ~= nil then return python end
  python = false
  for _, candidate in ipairs { "python3", "/usr/bin/python3" } do
    local _, _, status = system.run(candidate .. " -c 'import prometheus_client' 2>/dev/null")
    if status == 0 then
      python = candidate
      break
    end
  end
  return python
end

--- Whether the parser is on this machine.
function prometheus.available() return find() and true end

--- The samples in the file at `path`: { ["name label=value,…"] = number }. Raises what the parser refuses.
function prometheus.read(path)
  local output, problem, status = system.run(("%s -c %s %s"):format(find(), system.quote(READ), path))
  assert(status == 0, problem)
  local samples = {}
  for name, value in output:gmatch "([^\t\n]*)\t([^\n]*)" do samples[name] = tonumber(value) end
  return samples
end

return prometheus
