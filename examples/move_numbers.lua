-- Moves the phone numbers of a CSV file to the voice routes named beside them, 16 at a time.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/move_numbers.lua [numbers.csv [move.journal]]
--
-- The file's first line names its columns: number,route. With a journal, a run that was cut off can be
-- started again with the same words: it goes on where it was. Prints a report; shows progress on standard
-- error. The rows that failed are kept in numbers.csv.failed, which can be given to the next run.
-- Exit status: 0 all moved, 1 some not, 2 the run could not be made or was interrupted.

local patchbay = require "patchbay"

local path, journal = arg[1] or "examples/numbers.csv", arg[2]

local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL" }

local function key(row) return row.number end

-- What stands here is ordinary code. While one call waits for its answer, the others go on.
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
