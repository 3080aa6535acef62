--- A lock between the tasks of a bulk run. It belongs to no task: who takes it gives it back, also after a
-- failure.

local lock = {}

--- Takes `held` (a table), waiting while another task has it. `tasks`: the host's, with park() and wake(co).
-- `co`: the running one.
function lock.take(tasks, held, co)
  while held.taken do
    held[#held + 1] = co
    tasks.park()
    -- park() may have ended by itself; a wake() would then be lost on a task that no longer waits.
    for i = #held, 1, -1 do
      if held[i] == co then table.remove(held, i) end
    end
  end
  held.taken = true
end

--- Gives it back, and wakes the next task that waits for it.
function lock.give(tasks, held)
  held.taken = false
  if held[1] then tasks.wake(table.remove(held, 1)) end
end

return lock
