--- Turns that are waited for, where who waits may end unseen: within nginx, with its request. The turn of one
-- that did is the next one's, or those who come would wait for nobody.
--
-- A list of turns holds { at =, place = the host's, at which somebody waits for it }, in any order.

local turns = {}

--- The earliest turn of `list` that is still to come and that nobody waits for any more; nil: there is none.
function turns.vacant(list, now)
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

--- Waits for so many `seconds`, for the turn at the time `at`. `vacant`: the turn that is taken over, or nil.
function turns.wait(list, host, seconds, at, vacant)
  local turn = vacant or { at = at }
  if not vacant then list[#list + 1] = turn end
  turn.place = host:place()
  turn.place:sleep(seconds)
end

return turns
