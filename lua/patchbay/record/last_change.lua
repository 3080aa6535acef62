--- The last change of a record: whether it is an order that is still open, and the values that were tried
-- where it is not known whether they were applied.

local record = require("patchbay.core").record

local last_change = {}

--- Remembers the last change: `pending`, whether the vendor accepted it as an order that is still open;
-- `tried`, the sent values (a plain table) where it is unknown, or cannot be seen, whether they were
-- applied.
function last_change.remember(self, pending, tried)
  if pending or tried or record.note(self) then
    record.set_note(self, (pending or tried) and { pending = pending, tried = tried } or nil)
  end
end

--- Notes that the record has been read since its last change: its state shows the result of that.
function last_change.note_read(self)
  local note = record.note(self)
  if note and note.tried then note.read_since = true end
end

--- Whether the last update is an order that is still open.
function last_change.is_pending(self)
  local note = record.note(self)
  return note ~= nil and note.pending or false
end

--- The fields of a change of which it is not known whether it was applied, and which no read has shown since:
-- a plain table by name, or nil.
function last_change.in_doubt(self)
  local note = record.note(self)
  return note and not note.read_since and note.tried or nil
end

return last_change
