-- Moves the phone numbers of a CSV file to the voice routes in their rows, 16 at a time.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/move_numbers.lua [numbers.csv [move.journal]]
--
-- The file's first line names its columns: number,route. With a journal, an interrupted run can be resumed
-- with the same command. Prints a report and shows progress on standard error. Failed rows are written to
-- numbers.csv.failed, which can be the input of the next run.
-- Exit status: 0 all moved, 1 some not, 2 the run could not start or was interrupted.

local patchbay = require "patchbay"

local path, journal = arg[1] or "examples/numbers.csv", arg[2]

local telegent = patchbay.telegent()

local function key(row) return row.number end

-- The body is ordinary code. While one call waits for its response, the others go on.
local function move(row)
  local number = telegent.numbers[row.number]
  number.VoiceRouteId = row.route
  return number:update()
end

local good, report = pcall(function()
  return patchbay.each(patchbay.csv(path), {
    concurrency = 16, journal = journal, key = key, progress = true,
  }, move)
end)
if not good then
  io.stderr:write("move_numbers: ", tostring(report), "\n")
  os.exit(2)
end

print(report)
if report.failed > 0 then
  local saved, why = report:save(path .. ".failed")
  io.stderr:write("move_numbers: ", saved and "see " .. path .. ".failed" or why, "\n")
end
os.exit(report.interrupted and 2 or report.failed > 0 and 1 or 0)
