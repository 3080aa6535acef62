--- Reads CSV, so that valgrind can count the instructions. The count is reproducible, so this is no part of
-- `make bench`; README.md has the figures. With a second argument the text is built but not read, so that
-- this cost can be subtracted:
--
--   eval "$(make -s env)"
--   valgrind --tool=callgrind lua5.4 bench/csv.lua 100000
--   valgrind --tool=callgrind lua5.4 bench/csv.lua 100000 unread

local csv = require "patchbay.bulk.csv"

local PIECE = 250 -- rows: some 16 KB

local count, unread = tonumber(arg[1]) or 100000, arg[2]
local pieces, lines = {}, { "number,route" }
for i = 1, count do
  lines[#lines + 1] = ("+6125550%05d,CRID-509de94f-79cc-429b-a317-%012d"):format(i % 100000, i % 7919)
  if #lines >= PIECE or i == count then
    pieces[#pieces + 1] = table.concat(lines, "\n") .. "\n"
    lines = {}
  end
end

local rows, at = 0, 0
local function read()
  at = at + 1
  return pieces[at]
end
if not unread then
  for _ in csv { read = read } do rows = rows + 1 end
end
print(rows .. " rows")
