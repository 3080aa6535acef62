--- Failures of the command: values that are raised, and that main() turns into a sentence and an exit status.

local failure = {}

--- The exit statuses. BROKEN_PIPE is silent: nobody reads any more.
failure.DONE, failure.FAILED, failure.DIFFERENCES, failure.USAGE = 0, 1, 2, 64
failure.INTERRUPTED, failure.BROKEN_PIPE, failure.TERMINATED = 130, 141, 143

local Failure = { __name = "patchbay.command.failure" }
function Failure.__tostring(self) return self.message or "nobody reads the output" end

--- Whether a raised value is a failure of the command.
function failure.is(value) return type(value) == "table" and getmetatable(value) == Failure end

--- Raises a failure. `message`: a sentence without "patchbay: " before it; nil says nothing.
function failure.raise(status, message)
  error(setmetatable({ status = status, message = message }, Failure), 0)
end

--- Raises a mistake of the command line.
function failure.usage(message) failure.raise(failure.USAGE, message) end

--- Raises the failure of the command. `message`: a text or an error value.
function failure.fail(message) failure.raise(failure.FAILED, tostring(message)) end

return failure
