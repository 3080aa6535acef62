-- The vendors that the sandbox simulates. A vendor is a module with
--   name          the key of its options and of its credentials
--   options       its options (see options.lua)
--   owns(path)    whether a path is this vendor's
--   new(context)  one account: context has options, clock() and random; returns an object with
--     answer(call)     the response to a call (see http.lua)
--     failure(status)  an error response in the vendor's own shape
--                      (account.lua has both, for classes with the vendor's own parts)
--     state()          the stored state
--     credentials      under the client's option names
--     environment      the same, as the environment variables that the client reads
return {
  (require "patchbay.sandbox.telegent"),
  (require "patchbay.sandbox.convirza"),
  (require "patchbay.sandbox.crazytel"),
}
