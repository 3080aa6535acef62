--- Instructions per byte of masking, counted by callgrind, for texts and secrets of several kinds. Numbers
-- of a row agree where masking is linear in the text, those of a column where the number of secrets does not
-- matter.

local programs = require "bench.programs"

-- The length of the shortest text; the others are four and sixteen times as long.
local SHORTEST = 64 * 1024
local STEPS = 3

local kinds = {
  { "a JSON body, 1 secret", "body", 1 }, { "a JSON body, 10 secrets", "body", 10 },
  { "a JSON body, 100 secrets", "body", 100 }, { "a JSON body, 1,000 secrets", "body", 1000 },
  { "Base64, 10 secrets", "base64", 10 }, { "escapes alone (\\u0061), 10 secrets", "escapes", 10 },
  { "secrets alone, 10 of them", "secrets", 10 },
  { "one letter, secrets of that letter", "letter", 10 },
  { "addresses with a password", "addresses", 10 },
}

local function instructions(kind, secrets, length)
  return programs.instructions { programs.lua, "bench/mask_job.lua", kind, secrets, length }
end

print(("%-40s %s"):format("instructions per byte of text, from / to", "64 / 256 KiB   256 KiB / 1 MiB"))
for _, kind in ipairs(kinds) do
  local counts = {}
  for step = 1, STEPS do counts[step] = instructions(kind[2], kind[3], SHORTEST * 4 ^ (step - 1)) end
  local per_byte = {}
  for step = 2, STEPS do
    per_byte[step - 1] = (counts[step] - counts[step - 1]) / (SHORTEST * (4 ^ (step - 1) - 4 ^ (step - 2)))
  end
  print(("%-40s %8.1f %16.1f"):format(kind[1], per_byte[1], per_byte[2]))
end
