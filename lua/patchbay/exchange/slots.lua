--- Reserved send slots. In nginx a request can be aborted while it waits for its slot; the abandoned slot
-- goes to the next caller, so that nobody queues behind a request that is gone.
--
-- A list of slots holds { at = time, place = where its caller sleeps }, in any order. `place` is the host's.

local slots = {}

--- The earliest future slot of `list` that was abandoned, or nil. Drops past slots from the list.
function slots.vacant(list, now)
  local earliest
  for i = #list, 1, -1 do
    local turn = list[i]
    if turn.at <= now then
      table.remove(list, i)
    elseif turn.place:is_vacant() and not (earliest and earliest.at < turn.at) then
      earliest = turn
    end
  end
  return earliest
end

--- Sleeps `seconds` in the slot at the time `at`. `abandoned`: the slot to take over, or nil.
function slots.wait(list, host, seconds, at, vacant)
  local turn = vacant or { at = at }
  if not vacant then list[#list + 1] = turn end
  turn.place = host:place()
  turn.place:sleep(seconds)
end

return slots
