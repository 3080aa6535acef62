--- A lock between the tasks of a host. A task holds one lock at most, and gives it back when it ends.

local lock = {}

--- Waits until no other task has `held` (a table that is `taken`). `tasks`: the host's, with park() and
-- wake(co). `co`: the running one.
function lock.wait(tasks, held, co)
  while held.taken do
    held[#held + 1] = co
    tasks.park()
    -- park() may have ended by itself; a wake() would then be lost on a task that no longer waits.
    for i = #held, 1, -1 do
      if held[i] == co then table.remove(held, i) end
    end
  end
end

--- Takes `held` for `task`, the running one, waiting while another task has it.
function lock.take(tasks, held, task, co)
  if held.taken then lock.wait(tasks, held, co) end
  held.taken, task.lock = true, held
end

--- Gives back the lock that `task` has, if any, and wakes the next task that waits for it.
function lock.release(tasks, task)
  local held = task.lock
  if not held then return end
  task.lock = nil
  held.taken = false
  if held[1] then tasks.wake(table.remove(held, 1)) end
end

return lock
