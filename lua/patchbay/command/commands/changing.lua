--- The commands that change records, and those that prepare it: set, plan, apply, undo, pull, bulk, journal.
-- commands.lua says of what an entry consists.

return {}
