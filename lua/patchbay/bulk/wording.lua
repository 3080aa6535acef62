--- Counts and durations for people.

local number_text = require("patchbay.util.text").number

local wording = {}

--- A count for people: 1234567 is "1,234,567".
function wording.count(number)
  local digits = ("%.0f"):format(number)
  return (digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""):gsub("^%-,", "-"))
end

local function short(format, number, unit)
  return number_text(format, number):gsub("(%.%d-)0+$", "%1"):gsub("%.$", "") .. " " .. unit
end

--- Seconds for people: "48 ms", "4.2 s", "41 s", "3 min 20 s", "2 h 5 min".
function wording.duration(seconds)
  if seconds < 0.9995 then
    local ms = seconds * 1000
    return ms <= 0 and "0 s" or short(ms < 1 and "%.2f" or ms < 10 and "%.1f" or "%.0f", ms, "ms")
  elseif seconds < 9.95 then
    return short("%.1f", seconds, "s")
  end
  local whole = math.floor(seconds + 0.5)
  if whole < 60 then return ("%d s"):format(whole) end
  local big, small, names = math.floor(whole / 60), whole % 60, { "min", "s" }
  if whole >= 3600 then
    local minutes = math.floor(whole / 60 + 0.5)
    big, small, names = math.floor(minutes / 60), minutes % 60, { "h", "min" }
  end
  local text = wording.count(big) .. " " .. names[1]
  return small > 0 and ("%s %d %s"):format(text, small, names[2]) or text
end

--- A count with its noun: "1 retry", "1,490 retries".
function wording.some(number, one, many)
  return wording.count(number) .. " " .. (number == 1 and one or many)
end

return wording
