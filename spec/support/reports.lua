-- Collects the lines that a host writes to the program's error output.

local hosts = require "patchbay.hosts"

local reports = {}

--- Runs `make`, which makes a client, and returns its results. The client's reports go into `list`.
function reports.reporting(list, make)
  local report = hosts.report
  hosts.report = function(line) list[#list + 1] = line end
  local results = { pcall(make) }
  hosts.report = report
  assert(results[1], results[2])
  return results[2], results[3]
end

return reports
